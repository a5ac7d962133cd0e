import type { Client } from 'pg';
import type { Run } from '../copy/records.ts';
import { readSharedIntents } from '../copy/shared-intents.ts';
import { addAll, findIds, type Taken } from './take.ts';

/** Payments of `$1` that name an id of the processor, also in their transactions. */
const NAMING = `
  select id from payments where id = any($1) and psp_transaction_id <> ''
  union all
  select payment_id from payment_transactions where payment_id = any($1) and psp_transaction_id <> ''`;

/** Payments that name one of these ids of the processor. */
const NAMED = `
  select id from payments where psp_transaction_id = any($1)
  union
  select payment_id from payment_transactions where psp_transaction_id = any($1)`;

const mayHaveTurned = async (
  client: Client,
  { ids, all }: Taken,
  runs: readonly Pick<Run, 'sharedIntents'>[],
): Promise<boolean> => {
  if (all.has('payments')) return true;
  if (ids.payments.size === 0) return false;
  return (
    runs.some(({ sharedIntents }) => sharedIntents.length > 0) ||
    (await findIds(client, NAMING, ids.payments)).length > 0
  );
};

/**
 * Takes the payments whose PaymentIntent another one names now and did not at one of the snapshots, or the
 * reverse.
 * @param isForced whether the databases are at different snapshots
 * @returns the PaymentIntents that are shared now
 */
export const takeShared = async (
  client: Client,
  taken: Taken,
  runs: readonly Pick<Run, 'sharedIntents' | 'options'>[],
  isForced: boolean,
): Promise<Set<string>> => {
  const [first] = runs;
  const known = new Set(first?.sharedIntents);
  if (!first || !(isForced || (await mayHaveTurned(client, taken, runs)))) return known;
  const now = await readSharedIntents(client, first.options);
  const turned = new Set<string>();
  for (const { sharedIntents } of runs) {
    const before = new Set(sharedIntents);
    for (const intent of [...before, ...now]) if (before.has(intent) !== now.has(intent)) turned.add(intent);
  }
  addAll(taken.ids.payments, await findIds(client, NAMED, turned));
  return now;
};
