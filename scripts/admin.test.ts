import { execFile } from 'node:child_process';
import { throwAwayDatabase } from '../broker/testing/start-services.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Ended = { code: number; out: string; told: string };

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

  const admin = (args: string[], input = ''): Promise<Ended> =>
    new Promise((resolve) => {
      const env = { PATH: process.env['PATH'], AUTH_DATABASE_URL: database.url, DATA_FOLDER: folder };
      const child = execFile(process.execPath, ['scripts/admin.ts', ...args], { env }, (error, out, told) =>
        resolve({ code: error ? Number(error.code) : 0, out, told }),
      );
      child.stdin?.end(input);
    });

  it('makes an administrator once, with a password from standard input', async () => {
    const made = await admin(ada, `${PASSWORD}\n`);
    expect(made).toMatchObject({ code: 0, told: '' });
    expect(made.out).toMatch(/^Made the administrator Ada <ada@example\.com> \(usr_[0-9a-f]{32}\)\.\n$/);
    const again = await admin(ada, PASSWORD);
    expect(again).toEqual({
      code: 1,
      out: '',
      told: 'An account with this e-mail address exists already.\n',
    });
  });

  it.each([
    ['no command', [], '', 'Say what to do'],
    ['no e-mail address', ['create', '--name', 'Ada'], '', '--email ada@example.com'],
    ['a wrong e-mail address', ['create', '--email', 'ada', '--name', 'Ada'], '', '--email must be'],
    ['an unknown option', [...ada, '--role'], '', "Unknown option '--role'."],
    ['no password', ada, '', 'There is no password'],
    ['a weak password', ada, 'short', 'The password must have at least 12 characters.'],
  ])('says in a sentence what is wrong: %s', async (_case, args, input, sentence) => {
    const ended = await admin(args, input);
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.told).toContain(sentence);
    expect(ended.told).not.toMatch(/\bat .*:\d+:\d+/);
  });

  it('explains itself', async () => {
    expect((await admin(['--help'])).out).toContain('npm run admin -- create --email');
  });
});
