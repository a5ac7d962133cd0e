import { execFile } from 'node:child_process';
import { Client } from 'pg';
import { throwAwayDatabase } from '../broker/testing/throw-away-database.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Result = { code: number; out: string; error: string };

const PASSWORD = 'TestPassword123!';
const ada = ['create', '--email', 'ada@example.com', '--name', 'Ada'];

describe('npm run admin', () => {
  let database: Awaited<ReturnType<typeof throwAwayDatabase>>;
  let folder: string;
  beforeAll(async () => {
    database = await throwAwayDatabase();
    folder = mkdtempSync(join(tmpdir(), 'payloom-admin-'));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  const admin = (args: string[], input = ''): Promise<Result> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], AUTH_DATABASE_URL: database.url, DATA_FOLDER: folder };
      const child = execFile(
        process.execPath,
        ['scripts/admin.ts', ...args],
        { env },
        (failure, out, error) => resolve({ code: failure ? Number(failure.code) : 0, out, error }),
      );
      child.stdin?.end(input);
    });

  it('creates an administrator once, with a password from standard input', async () => {
    const made = await admin(ada, `${PASSWORD}\n`);
    expect(made).toMatchObject({ code: 0, error: '' });
    expect(made.out).toMatch(/^Created the administrator Ada <ada@example\.com> \(usr_[0-9a-f]{32}\)\.\n$/);
    const again = await admin(ada, PASSWORD);
    expect(again).toEqual({
      code: 1,
      out: '',
      error: 'An account with this e-mail address exists already.\n',
    });
  });

  it.each([
    ['no command', [], '', 'The commands are create and rotate-keys'],
    ['no reason', ['rotate-keys'], '', 'The reason is missing'],
    ['a reason that is too short', ['rotate-keys', '--reason', 'x'], '', '--reason must give the reason'],
    ['no e-mail address', ['create', '--name', 'Ada'], '', '--email ada@example.com'],
    ['a wrong e-mail address', ['create', '--email', 'ada', '--name', 'Ada'], '', '--email must be'],
    ['an unknown option', [...ada, '--role'], '', "Unknown option '--role'."],
    ['no password', ada, '', 'There is no password'],
    ['a weak password', ada, 'short', 'The password must have at least 12 characters.'],
  ])('explains a mistake in one sentence: %s', async (_case, args, input, sentence) => {
    const result = await admin(args, input);
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.error).toContain(sentence);
    expect(result.error).not.toMatch(/\bat .*:\d+:\d+/);
  });

  it('replaces the signing keys, and writes the event for the running processes', async () => {
    const result = await admin(['rotate-keys', '--reason', 'A backup was copied']);
    expect(result).toMatchObject({ code: 0, error: '' });
    const [, id] = /^The key ([\w-]{43}) signs access tokens now/.exec(result.out) ?? [];
    const client = new Client({ connectionString: database.url });
    await client.connect();
    const keys = await client.query('select id from signing_keys where revoked_at is null');
    const events = await client.query(`select payload from outbox where event = 'auth.keys-revoked'`);
    await client.end();
    expect(keys.rows).toEqual([{ id }]);
    expect(JSON.parse((events.rows[0] as { payload: string }).payload)).toMatchObject({
      keyId: id,
      by: null,
      reason: 'A backup was copied',
    });
  });

  it('prints its help', async () => {
    expect((await admin(['--help'])).out).toContain('npm run admin -- create --email');
  });
});
