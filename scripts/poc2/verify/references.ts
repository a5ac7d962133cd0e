import type { TargetDatabase } from '../mapping/table-mapping.ts';
import { copyBlocks } from '../copy/read-rows.ts';
import { tableKey, targetOf, type Target, type TargetTable } from '../copy/targets.ts';

type Column = TargetTable & { column: string };
type Reference = { from: Column; to: Column };

const column = (database: TargetDatabase, table: string, name: string): Column => ({
  database,
  table,
  column: name,
});

/** References that no foreign key checks, most of them between databases. */
const REFERENCES: readonly Reference[] = [
  { from: column('payments', 'parties', 'id'), to: column('auth', 'users', 'id') },
  { from: column('auth', 'users', 'id'), to: column('payments', 'parties', 'id') },
  { from: column('admin', 'people', 'id'), to: column('auth', 'users', 'id') },
  { from: column('auth', 'users', 'id'), to: column('admin', 'people', 'id') },
  { from: column('profile', 'details', 'user_id'), to: column('auth', 'users', 'id') },
  { from: column('profile', 'preferences', 'user_id'), to: column('auth', 'users', 'id') },
  { from: column('auth', 'poc2_ids', 'new_id'), to: column('auth', 'users', 'id') },
  { from: column('payments', 'poc2_ids', 'new_id'), to: column('payments', 'payments', 'id') },
  { from: column('payments', 'postings', 'owner_id'), to: column('payments', 'parties', 'id') },
  { from: column('admin', 'entry_people', 'entry_id'), to: column('admin', 'entries', 'id') },
];

/** The values of a column in the order of their bytes. A null refers to nothing. */
const selectOf = ({ table, column: name }: Column): string =>
  `select ${name} collate "C" from ${table} where ${name} is not null`;

async function* valuesOf(targets: readonly Target[], from: Column): AsyncGenerator<string> {
  const { client } = targetOf(targets, from.database);
  for await (const block of copyBlocks(client, `${selectOf(from)} order by 1`))
    yield* block.toString('utf8').split('\n').slice(0, -1);
}

/** Values of one database that another one does not have. Both are read side by side, in order. */
async function* missingBetween(targets: readonly Target[], { from, to }: Reference): AsyncGenerator<string> {
  const known = valuesOf(targets, to);
  let next = await known.next();
  for await (const value of valuesOf(targets, from)) {
    while (!next.done && next.value < value) next = await known.next();
    if (next.done || next.value !== value) yield value;
  }
  while (!next.done) next = await known.next();
}

const isWithin = ({ from, to }: Reference): boolean => from.database === to.database;

const sentence = ({ from, to }: Reference, value: string): string =>
  `${tableKey(from)}.${from.column} ${value} is not in ${tableKey(to)}`;

/** References within a database to what is not there, as sentences. */
const missingIn = async ({ database, client }: Target): Promise<string[]> => {
  const missing: string[] = [];
  for (const reference of REFERENCES.filter((one) => isWithin(one) && one.from.database === database)) {
    const { rows } = await client.query<{ value: string }>(
      `select value from (${selectOf(reference.from)} except ${selectOf(reference.to)}) as missing (value)`,
    );
    missing.push(...rows.map(({ value }) => sentence(reference, value)));
  }
  return missing;
};

/** References between databases to what is not there, as sentences. */
export async function* missingReferences(targets: readonly Target[]): AsyncGenerator<string> {
  for (const reference of REFERENCES.filter((one) => !isWithin(one)))
    for await (const value of missingBetween(targets, reference)) yield sentence(reference, value);
}

/** What of keys and triggers is missing or not checked, as sentences. */
const uncheckedIn = async ({ database, client }: Target): Promise<string[]> => {
  const { rows } = await client.query<{ what: string }>(
    `select 'is not back yet: ' || restore as what from poc2_aside
     union all select 'has not checked ' || conname from pg_constraint where not convalidated
     union all select 'has disabled the trigger ' || tgname from pg_trigger
       where tgenabled = 'D' and not tgisinternal`,
  );
  return rows.map(({ what }) => `${database} ${what}`);
};

const LEDGER = [
  `select 'the postings in ' || currency || ' sum to ' || sum(amount_minor) as what
   from postings group by currency having sum(amount_minor) <> 0`,
  `select 'the movement ' || movement || ' of ' || payment_id || ' does not sum to zero'
   from postings group by payment_id, movement
   having sum(amount_minor) <> 0 or min(currency) <> max(currency)`,
];

/** What is wrong in the ledger, as sentences. */
const ledgerFaults = async ({ database, client }: Target): Promise<string[]> => {
  if (database !== 'payments') return [];
  const { rows } = await client.query<{ what: string }>(LEDGER.join(' union all '));
  return rows.map(({ what }) => what);
};

/** All that is wrong within one database, as sentences, without a look at the source. */
export const faultsIn = async (target: Target): Promise<string[]> => [
  ...(await ledgerFaults(target)),
  ...(await missingIn(target)),
  ...(await uncheckedIn(target)),
];
