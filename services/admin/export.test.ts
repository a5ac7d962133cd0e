import { admin } from '../../shared/contracts/admin/admin.ts';
import type { AuditFilters } from '../../shared/contracts/admin/audit.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { checkpointKeyOf } from './audit/checkpoint-key.ts';
import { verifyFile } from './audit/export-file.ts';
import { startAdmin, type AdminApp } from './testing/start-admin.ts';

const SECRET = 'a secret of the test, long enough for all';
const trusted = [checkpointKeyOf(SECRET).publicKey];
/** More than a part holds. */
const COUNT = 1_005;

let app: AdminApp;
let person: string;
beforeAll(async () => {
  app = await startAdmin({ ADMIN_AUDIT_KEY: SECRET });
  const user = app.newUser({ name: '=HYPERLINK("http://evil.example")', email: '+1@example.com' });
  person = user.id;
  await app.deliver(auth.events.userChanged, user);
  await app.deliver(auth.events.passwordChanged, { userId: user.id, at: '2026-11-23T09:30:00.000Z' });
  await app.handled();
  await app.sealed();
  await app.owner.query(
    `insert into entries (id, at, action, people, reason)
     select 'evt_' || lpad(to_hex(n), 32, '0'), now(), 'test.filled', array[]::text[],
       case n % 3 when 0 then 'one, "two"' when 1 then E'two\\nlines' else '-1+cmd' end
     from generate_series(1, ${COUNT}) as n`,
  );
});
afterAll(() => app.stop());

const download = async (
  action: typeof admin.actions.exportAuditCsv | typeof admin.actions.exportAuditJson,
  filters: AuditFilters = {},
): Promise<string> => {
  let text = '';
  for (let cursor: string | undefined; ;) {
    const params = { ...filters, ...(cursor === undefined ? {} : { cursor }) };
    const part = await app.call(action, params, { as: app.administrator });
    text += part.text;
    if (part.nextCursor === null) return text;
    cursor = part.nextCursor;
  }
};

it('CSV has a line of names once and exactly the entries of the filter, without formulas', async () => {
  const filled = await download(admin.actions.exportAuditCsv, { action: 'test.filled' });
  expect(filled.match(/test\.filled/g)).toHaveLength(COUNT);
  expect(filled.match(/^id,at,action/gm)).toHaveLength(1);
  expect(filled).toContain('"one, ""two"""');
  expect(filled).toContain('"two\nlines"');
  expect(filled).toContain(",'-1+cmd,");
  const changed = await download(admin.actions.exportAuditCsv, { action: 'auth.user-changed' });
  expect(changed).toContain(`"'=HYPERLINK(""http://evil.example"")"`);
  expect(changed).toContain(",'+1@example.com,");
});

it('JSON holds exactly the entries of the filter, and is verified without the system', async () => {
  const text = await download(admin.actions.exportAuditJson, { action: 'test.filled' });
  expect(verifyFile(text, trusted)).toEqual({ problems: [], entries: COUNT, linked: 0 });
  const one = await download(admin.actions.exportAuditJson, { action: 'auth.password-changed' });
  expect(verifyFile(one, trusted)).toEqual({ problems: [], entries: 1, linked: 1 });
  expect(verifyFile(await download(admin.actions.exportAuditJson, { q: 'nothing here' }), trusted)).toEqual({
    problems: [],
    entries: 0,
    linked: 0,
  });
  expect(verifyFile(text, []).problems).toEqual([expect.stringContaining('an unknown key')]);
});

it('JSON has the links of the chain and its newest checkpoint, and both are checked', async () => {
  const text = await download(admin.actions.exportAuditJson, { person });
  const file = JSON.parse(text) as LinkedFile;
  const entries = file.parts[0]!.entries;
  expect(entries.map(({ chain }) => chain.position).sort()).toEqual([1, 2]);
  expect(file.parts[0]!.checkpoint.position).toBeGreaterThanOrEqual(2);
  expect(verifyFile(text, trusted)).toEqual({ problems: [], entries: 2, linked: 2 });
  const problemsAfter = (change: (changed: LinkedFile) => void) => {
    const changed = JSON.parse(text) as LinkedFile;
    change(changed);
    return verifyFile(JSON.stringify(changed), trusted).problems.join('\n');
  };
  expect(problemsAfter(({ parts }) => void (parts[0]!.entries[0]!.chain.people = []))).toMatch(
    /is not the one that the chain sealed/,
  );
  const zeros = '0'.repeat(64);
  expect(problemsAfter(({ parts }) => void (parts[0]!.entries[0]!.chain.previous = zeros))).toMatch(
    /the chain is broken before the entry/,
  );
  expect(problemsAfter(({ parts }) => void (parts[0]!.checkpoint.hash = zeros))).toMatch(
    /the checkpoint at \d+ is not what a trusted key has signed/,
  );
});

type LinkedFile = {
  parts: {
    entries: { chain: { position: number; previous: string; people: string[] } }[];
    checkpoint: { position: number; hash: string };
  }[];
};
type File = {
  export: { filters: object };
  parts: { entries: { id: string; reason: string }[]; seal: { entries: unknown[] } }[];
};

it.each<[string, (file: File) => void, RegExp]>([
  ['changed', ({ parts }) => (parts[0]!.entries[2]!.reason = 'x'), /^the entry evt_\w+ was changed$/],
  ['removed', ({ parts }) => parts[0]!.entries.splice(3, 1), /^the entry evt_\w+ was removed$/],
  [
    'inserted',
    ({ parts }) => parts[1]!.entries.push({ id: 'evt_x', reason: '' }),
    /^the entry evt_x was ins/,
  ],
  ['moved', ({ parts }) => parts[0]!.entries.reverse(), /^entries of part 1 are in another order$/],
  ['a missing end', ({ parts }) => parts.pop(), /^the end of the file is missing$/],
  ['a changed filter', (file) => (file.export.filters = {}), /^part 1 is not what was signed/],
  [
    'removed with its seal',
    ({ parts }) => [parts[0]!.entries.pop(), parts[0]!.seal.entries.pop()],
    /^part 1 is not what was signed/,
  ],
])('verifying a file names what is %s', async (_what, change, problem) => {
  const file = JSON.parse(await download(admin.actions.exportAuditJson, { action: 'test.filled' })) as File;
  change(file);
  const { problems } = verifyFile(JSON.stringify(file), trusted);
  expect(problems).toContainEqual(expect.stringMatching(problem));
});

it('a part is signed only behind the parts before it', async () => {
  const as = app.administrator;
  const { nextCursor } = await app.call(admin.actions.exportAuditJson, {}, { as });
  const parts = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString()) as unknown[];
  parts[2] = 7;
  const cursor = Buffer.from(JSON.stringify(parts)).toString('base64url');
  await expect(app.call(admin.actions.exportAuditJson, { cursor }, { as })).rejects.toMatchObject({
    code: 'invalid_cursor',
  });
});
