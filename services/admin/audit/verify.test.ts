import type { Queryable } from '../../../broker/postgres/database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { startAdmin, type AdminApp } from '../testing/start-admin.ts';
import { checkpointKeyOf } from './checkpoint-key.ts';
import { verifyDatabase } from './verify.ts';

const SECRET = 'a secret of the test, long enough for all';
const { publicKey } = checkpointKeyOf(SECRET);
const COUNT = 12;

let app: AdminApp;
beforeAll(async () => {
  app = await startAdmin({ ADMIN_AUDIT_KEY: SECRET });
  for (let n = 0; n < COUNT; n++) {
    await app.deliver(auth.events.userChanged, app.newUser());
    // Several batches, so that there are several checkpoints.
    if (n % 4 !== 3) continue;
    await app.handled();
    await app.sealed();
  }
});
afterAll(() => app.stop());

/** Each test changes the log in a transaction of its own, which is rolled back. */
let owner: Queryable;
let rollBack: () => Promise<void>;
beforeEach(async () => {
  const begun = Promise.withResolvers<Queryable>();
  const ended = Promise.withResolvers<void>();
  const rolledBack = app.owner.transaction((tx) => {
    begun.resolve(tx);
    return ended.promise;
  });
  owner = await begun.promise;
  rollBack = async () => {
    ended.reject(new Error('end of the test'));
    await expect(rolledBack).rejects.toThrow('end of the test');
  };
});
afterEach(() => rollBack());

const verify = (known?: { position: number; hash: string }) => verifyDatabase(owner, [publicKey], known);
const change = (sql: string) => owner.query(sql);
const idAt = async (position: number): Promise<string> => {
  const [row] = await owner.query<{ entry_id: string }>('select entry_id from chain where position = $1', [
    position,
  ]);
  return row?.entry_id ?? '';
};

it('an untouched log is whole, and has a checkpoint at its end', async () => {
  expect(await verify()).toMatchObject({
    problems: [],
    positions: COUNT,
    unsealed: 0,
    end: { position: COUNT, key: publicKey },
  });
});

it.each([
  ['a name', "actor_name = 'Eve'"],
  ['a time', "at = at + interval '1 millisecond'"],
  ['the people', 'people = array[]::text[]'],
  ['the state', "after = '{}'"],
  ['a null', "reason = ''"],
  ['a trace that it did not have', "trace_id = '4bf92f3577b34da6a3ce929d0e0e4736'"],
])('names an entry of which %s was changed', async (_what, set) => {
  const id = await idAt(5);
  await change(`update entries set ${set} where id = '${id}'`);
  const { problems } = await verify();
  expect(problems).toEqual([expect.stringContaining(`position 5: the entry ${id} was changed`)]);
});

it('names an entry that was removed, alone or with its link', async () => {
  const [one, other] = [await idAt(2), await idAt(9)];
  await change(`delete from entries where id in ('${one}', '${other}')`);
  await change('delete from chain where position = 9');
  expect((await verify()).problems).toEqual([
    `position 2: the entry ${one} was removed`,
    expect.stringContaining('positions 9 to 9 were removed'),
    `the event ${one} was handled, and its entry was removed`,
    `the event ${other} was handled, and its entry was removed`,
  ]);
});

it('names both entries that have changed places', async () => {
  const [one, other] = [await idAt(3), await idAt(6)];
  await change(`update chain set entry_id = 'evt_x' where position = 3`);
  await change(`update chain set entry_id = '${one}' where position = 6`);
  await change(`update chain set entry_id = '${other}' where position = 3`);
  expect((await verify()).problems).toEqual([
    expect.stringContaining(`position 3: the entry ${other}`),
    expect.stringContaining(`position 6: the entry ${one}`),
  ]);
});

it('names an entry that was inserted past the chain, and one that is hidden from searches', async () => {
  const [columns] = await owner.query<{ all: string }>(
    `select string_agg(column_name, ', ') as all from information_schema.columns
     where table_name = 'entries' and column_name not in ('id', 'searched')`,
  );
  await change(
    `insert into entries (id, ${columns?.all}) select 'evt_planted', ${columns?.all} from entries limit 1`,
  );
  const id = await idAt(1);
  await change(`delete from entry_people where entry_id = '${id}'`);
  const { problems } = await verify();
  expect(problems).toContainEqual(expect.stringContaining('the entry evt_planted was inserted'));
  expect(problems).toContainEqual(expect.stringContaining(`the entry ${id} is hidden`));
});

it('names where the chain was rewritten: only the service can sign it', async () => {
  await change(`update entries set reason = 'rewritten' where id = '${await idAt(6)}'`);
  const { entryHashOf, GENESIS, linkHashOf } = await import('./chain.ts');
  const { readLinks } = await import('../persistence/chain.ts');
  let hash: Buffer = GENESIS;
  for (const { position, entry } of await readLinks(owner, 0, COUNT)) {
    const entryHash = entryHashOf(entry!);
    hash = linkHashOf(hash, position, entryHash);
    await owner.query('update chain set entry_hash = $2, hash = $3 where position = $1', [
      position,
      entryHash,
      hash,
    ]);
  }
  await change(
    'update checkpoints set hash = chain.hash from chain where chain.position = checkpoints.position',
  );
  const { problems } = await verify();
  expect(problems[0]).toMatch(
    /^the checkpoint at \d+ was changed: positions [1-6] to ([6-9]|1\d) are unsure/,
  );
});

it('names an end that is missing while checkpoints are left', async () => {
  await change(`delete from entries where id in (select entry_id from chain where position > 10)`);
  await change('delete from chain where position > 10');
  const { problems } = await verify();
  expect(problems).toContain(`the chain has no position ${COUNT}, which a checkpoint has signed`);
});

it('a log cut back to an earlier checkpoint shows by a checkpoint that is known elsewhere', async () => {
  const { end } = await verify();
  const known = { position: COUNT, hash: end?.hash.toString('hex') ?? '' };
  expect((await verify(known)).problems).toEqual([]);
  const [earlier] = await owner.query<{ position: string }>(
    'select min(position) as position from checkpoints',
  );
  const cut = earlier?.position;
  await change(`delete from inbox where id in (select entry_id from chain where position > ${cut})`);
  await change(`delete from entries where id in (select entry_id from chain where position > ${cut})`);
  await change(`delete from chain where position > ${cut}`);
  await change(`delete from checkpoints where position > ${cut}`);
  expect((await verify()).problems).toEqual([]);
  expect((await verify(known)).problems).toEqual([expect.stringContaining('it was cut or rewritten')]);
});

it('accepts no checkpoint of a key that is not trusted', async () => {
  const { problems } = await verifyDatabase(owner, [checkpointKeyOf('x'.repeat(32)).publicKey]);
  expect(problems[0]).toContain('is signed with an unknown key');
});
