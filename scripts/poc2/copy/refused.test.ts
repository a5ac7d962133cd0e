import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyInto, targetSystem, verifyIn, type TargetSystem } from '../testing/copying.ts';
import { startPoc2 } from '../testing/poc2-process.ts';
import { ALL_ARGUMENTS, sampleSource, type SampleSource } from '../testing/sample-source.ts';
import { readEqualEmails } from './equal-emails.ts';

let source: SampleSource;
let system: TargetSystem;
let folder: string;

const addUser = (id: string, email: string, day: number) =>
  source.client.query(
    `insert into users (id, email, password_hash, name, role, created_at, updated_at)
     values ($1, $2, 'x', 'Twin', 'CUSTOMER', $3, $3)`,
    [id, email, `2026-01-${String(day).padStart(2, '0')} 00:00:00`],
  );

beforeAll(async () => {
  source = await sampleSource(30, 120);
  system = await targetSystem();
  folder = await mkdtemp(join(tmpdir(), 'payloom-refused-'));
}, 60_000);
afterAll(async () => {
  await system?.close();
  await source?.drop();
  await rm(folder, { recursive: true });
});

const run = (...args: string[]) => startPoc2(system, source.url, args).exited;
const linesOf = async (name: string): Promise<string[]> =>
  (await readFile(join(folder, name), 'utf8')).split('\n').slice(0, -1);

it('writes nothing while a row is refused, and names each', async () => {
  const before = await system.content();
  const args = [...ALL_ARGUMENTS.filter((one) => one !== '--leave-out-refused')];
  const refused = await run('copy', ...args, '--list', join(folder, 'refused'));
  expect(refused).toMatchObject({ code: 1, problem: 'poc2: nothing was written\n' });
  expect(refused.output).toMatch(/^all rows are mapped once before the first is written\n/);
  expect(refused.output).toMatch(/rows are refused: give the options that they need/);
  expect(await system.content()).toEqual(before);
  expect(await system.query('auth', `select from pg_class where relname in ('poc2_run', 'closed')`)).toEqual(
    [],
  );
  const lines = await linesOf('refused');
  const { rows } = await source.client.query<{ id: string }>('select id from payments where amount = 0');
  for (const { id } of rows) expect(lines).toContain(`refused\tamount_zero\tpayments\t${id}`);
  expect(rows.length).toBeGreaterThan(0);
  expect(await run('check', '--list', join(folder, 'refused'))).toMatchObject({ code: 2 });
});

it('is closed to services before rows are mapped, and open again when it refuses', async () => {
  const closed = () => system.query('admin', "select 'closed'::regclass::oid as oid");
  const refuse = async () => {
    expect(await closed()).toHaveLength(1);
    throw new Error('refused');
  };
  await expect(copyInto(system, source.url, { checkRows: refuse })).rejects.toThrow('refused');
  await expect(closed()).rejects.toThrow('does not exist');
});

it('verify takes refused rows for differences, unless the owner has left them out', async () => {
  await copyInto(system, source.url, { checkRows: () => Promise.resolve() });
  const { findings, refused } = await verifyIn(system, source.url);
  const count = [...refused.values()].reduce((sum, one) => sum + one.count, 0);
  expect(findings.count).toBe(count);
  expect(findings.shown).toContain('payments: amount_zero: 3 rows are refused');
  const closed = () => system.query('auth', "select 'closed'::regclass::oid as oid");
  const closedBefore = await closed();
  await expect(copyInto(system, source.url, { startOver: true })).resolves.toBeDefined();
  expect(await closed()).toEqual(closedBefore);
  const verified = await run('verify', '--list', join(folder, 'left-out'));
  expect(verified.output).toMatch(/^ {2}left out, payments: amount_zero: 3 \(/m);
  expect(verified.code).toBe(0);
  expect(await linesOf('left-out')).toHaveLength(count);
});

it('users whose addresses become one are found before any is written', async () => {
  await addUser('older', 'Twin@bücher.example', 1);
  await addUser('idn', 'twin@xn--bcher-kva.example', 2);
  await addUser('space', '\u00a0TWIN@BÜCHER.example\t', 3);
  await addUser('other', 'other@bücher.example', 4);
  const equal = await readEqualEmails(source.client, { equalEmails: null });
  expect(['older', 'idn', 'space', 'other'].filter((id) => equal.has(id))).toEqual(['idn', 'space']);
  await copyInto(system, source.url, { startOver: true });
  const users = await system.query<{ email: string }>(
    'auth',
    `select email from users where email like 'twin%@xn--bcher-kva.example' order by created_at`,
  );
  const suffixed = expect.stringMatching(/^twin\+poc2-[0-9a-f]{12}@xn--bcher-kva\.example$/) as string;
  expect(users.map(({ email }) => email)).toEqual(['twin@xn--bcher-kva.example', suffixed, suffixed]);
  // A user who has the very address that a suffix makes.
  await addUser('taken', String(users[1]?.email), 5);
  const found = await readEqualEmails(source.client, { equalEmails: 'suffix' });
  expect(found.has('taken')).toBe(true);
  expect(found.has('other')).toBe(false);
  await copyInto(system, source.url, { startOver: true });
  expect((await verifyIn(system, source.url)).findings).toEqual({ count: 0, shown: [] });
});
