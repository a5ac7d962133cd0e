import type { Client } from 'pg';
import type { MappingContext, Value } from '../mapping/table-mapping.ts';
import { toDecimalText } from './amounts.ts';
import type { EntryNow } from './audit-logs.ts';
import type { PaymentNow } from './payments.ts';
import {
  changedEntries,
  changedPayments,
  changedProfiles,
  changedSettings,
  changedUsers,
  configKeyOf,
  poc2Entries,
  poc2Payments,
  poc2Profiles,
  poc2Settings,
  poc2Users,
  type Going,
} from './stages.ts';
import { comparedAddress, isAnyOn, type ProfileNow } from './user-profiles.ts';
import { mayUsePoc2, type UserNow } from './users.ts';
import { mappedIn, type Was } from './writes.ts';
import { tokensOver, type Written } from './write-back.ts';

type Row = Readonly<Record<string, Value>>;
type Pair = readonly [what: string, found: unknown, expected: unknown];

const json = (value: unknown): string => JSON.stringify(value ?? null);

/** The columns of two rows that are to be equal. */
const columns = (found: Row | null, expected: object, names: readonly string[]): Pair[] =>
  names.map((name) => [name, found?.[name], (expected as Row)[name]]);

/** A change is never earlier than its row in the mapping: POC-2 may have creations in the future. */
const inOrder = <T extends { created_at: string; updated_at: string }>(now: T): T =>
  now.updated_at < now.created_at ? { ...now, updated_at: now.created_at } : now;

const usersPairs = (now: UserNow, was: Was): Pair[] => {
  const found = mappedIn(was, 'users');
  const isNew = now.hash !== null && mayUsePoc2(now);
  return [
    ...columns(found, inOrder(now), ['id', 'email', 'name', 'role', 'created_at', 'updated_at']),
    // No password signs in who may not.
    ...(mayUsePoc2(now) ? [] : [['password_state', found?.['password_state'], 'reset'] as const]),
    ...(isNew ? [['password_hash', was.row['password_hash'], now.hash] as const] : []),
  ];
};

/** What the mapping makes of an open payment depends on the processor: its own columns are compared. */
const openPairs = (now: PaymentNow, { row }: Was): Pair[] => [
  ['status', row['status'], now.status],
  ['currency', row['currency'], now.currency],
  ['amount', Number(row['amount']), Number(toDecimalText(now.amount_minor, now.currency))],
];

const reachedIn = ({ rows }: Was): unknown[] =>
  rows
    .filter(({ table }) => table === 'payment_history')
    .map(({ values }) => [values['status'], values['at']]);

const POSTING = ['movement', 'account', 'owner_id', 'currency', 'amount_minor', 'at'];

const postingsIn = ({ rows }: Was): string[] =>
  rows
    .filter(({ table }) => table === 'postings')
    .map(({ values }) => json(POSTING.map((name) => values[name])))
    .toSorted();

const PAYMENT = [
  ...['id', 'kind', 'payer_id', 'payee_id', 'currency', 'status', 'description', 'failure_code'],
  ...['created_at', 'updated_at'],
];

const paymentsPairs = (now: PaymentNow, was: Was): Pair[] => {
  if (now.status === 'pending' || now.status === 'processing') return openPairs(now, was);
  const found = mappedIn(was, 'payments');
  const postings = (JSON.parse(now.postings) as unknown[]).map(json).toSorted();
  return [
    ...columns(found, inOrder(now), PAYMENT),
    ['amount_minor', String(found?.['amount_minor']), now.amount_minor],
    ['metadata', json(JSON.parse(String(found?.['metadata'] ?? '{}'))), json(JSON.parse(now.metadata))],
    ['history', json(reachedIn(was)), json(now.history.map(({ status, at }) => [status, at]))],
    ['postings', json(postingsIn(was)), json(postings)],
  ];
};

const ENTRY = ['id', 'at', 'action', 'actor_id', 'target_type', 'target_id', 'address', 'device', 'reason'];

const entriesPairs = (now: EntryNow, was: Was, left: ReadonlySet<string>): Pair[] => {
  const names = [now.actor_id, now.target_id].some((id) => id !== null && left.has(id))
    ? ENTRY.filter((name) => !/^(actor|target)/.test(name))
    : ENTRY;
  return columns(mappedIn(was, 'entries'), now, names);
};

const NO_CHOICE = { theme: 'system', language: 'system', time_zone: 'system', currency: null };

const profilesPairs = ({ details, preferences }: ProfileNow, was: Was): Pair[] => {
  const [found, chosen] = [mappedIn(was, 'details'), mappedIn(was, 'preferences')];
  return [
    ['phone', found?.['phone'], details?.phone],
    ['biography', found?.['biography'], details?.biography],
    ['address', comparedAddress(found), comparedAddress(details)],
    ...(preferences === null
      ? []
      : [
          ...columns({ ...NO_CHOICE, ...chosen }, preferences, Object.keys(NO_CHOICE)),
          ['notifications', isAnyOn(chosen), isAnyOn(preferences)] as const,
        ]),
  ];
};

/** Columns that differ, as a sentence; null where none does. */
const differences = (pairs: readonly Pair[]): string | null => {
  const names = pairs.filter(([, found, expected]) => json(found) !== json(expected)).map(([what]) => what);
  return names.length === 0 ? null : `differs in ${names.join(', ')}`;
};

/** Rows of POC-2 are mapped as those of a system that goes on: nothing is cancelled, cut or left out. */
const contextAfter = ({ context }: Going, { emails }: Written, nowMs: number): MappingContext => ({
  ...context,
  options: { ...context.options, open: 'keep', future: 'keep', long: 'cut', unusable: 'drop' },
  latestMs: Math.max(context.latestMs, nowMs),
  equalEmails: new Set([...context.equalEmails].filter((id) => !emails.has(id))),
});

type Checked<Now> = {
  table: string;
  batches: AsyncIterable<{ rows: (Now & { id: string; old_id: string })[] }>;
  read: (
    client: Client,
    context: MappingContext,
    keys: readonly string[],
  ) => Promise<ReadonlyMap<string, Was>>;
  pairs: (now: Now, was: Was) => Pair[];
  /** Whether there may be no row. */
  mayLack?: (now: Now) => boolean;
};

async function* check<Now>(
  { table, batches, read, pairs, mayLack }: Checked<Now>,
  client: Client,
  context: MappingContext,
): AsyncGenerator<string> {
  for await (const { rows } of batches) {
    const found = await read(
      client,
      context,
      rows.map(({ old_id: id }) => id),
    );
    for (const row of rows) {
      const was = found.get(row.old_id);
      const what = was ? differences(pairs(row, was)) : mayLack?.(row) ? null : 'is missing';
      if (what) yield `${table} ${row.old_id} (${row.id}) ${what}`;
    }
  }
}

const isEmpty = ({ details, preferences }: ProfileNow): boolean =>
  Object.entries(details ?? {}).every(([name, value]) => name === 'updated_at' || value === null) &&
  differences(profilesPairs({ old_id: '', details: null, preferences }, { row: {}, rows: [] })) === null;

async function* settingDifferences(going: Going, client: Client): AsyncGenerator<string> {
  for await (const { rows } of changedSettings(going))
    for (const { id, value } of rows) {
      const key = configKeyOf(going.context, id);
      const found = key === null ? null : (await poc2Settings(client, going.context, [key])).get(key);
      const isSame = found && json(JSON.parse(found.row['value'] ?? 'null')) === json(JSON.parse(value));
      if (found && !isSame) yield `system_config ${key} (${id}) differs in value`;
    }
}

/**
 * Maps what was written to POC-2 again, and compares it with what Payloom has, in the columns that a way
 * there and back keeps.
 * @returns what differs, as sentences
 */
export async function* verifyBack(
  going: Going,
  client: Client,
  written: Written,
  nowMs: number,
): AsyncGenerator<string> {
  const context = contextAfter(going, written, nowMs);
  const of = <Now>(checked: Checked<Now>) => check(checked, client, context);
  yield* of({ table: 'users', batches: changedUsers(going), read: poc2Users, pairs: usersPairs });
  yield* of({ table: 'payments', batches: changedPayments(going), read: poc2Payments, pairs: paymentsPairs });
  yield* of({
    ...{ table: 'audit_logs', batches: changedEntries(going), read: poc2Entries },
    pairs: (now, was) => entriesPairs(now, was, going.left),
  });
  const profiles = { batches: changedProfiles(going), read: poc2Profiles, pairs: profilesPairs };
  yield* of({ table: 'user_profiles', ...profiles, mayLack: isEmpty });
  yield* settingDifferences(going, client);
  for await (const ids of tokensOver(going, client, written.barred))
    for (const id of ids) yield `refresh_tokens ${id} is over and still there`;
}
