import type { Queryable } from '../../../broker/postgres/database.ts';
import type { Kind } from '../domain/channels.ts';

/**
 * To POC-2, `refused` are those whose channel its Redis refuses.
 * `passed` · `duplicate`: its id has passed before, also in another replica · `echo`: came back from the
 * other side · `refused`: becomes a dead letter · `late`: a newer one about the same was sent before ·
 * `unnamed`: POC-2's scheme has no name for it · `overflow`: lost, because too many waited in memory
 */
type Outcome = 'passed' | 'duplicate' | 'echo' | 'refused' | 'late' | 'unnamed' | 'overflow';
export type Counted = {
  direction: 'from-poc2' | 'to-poc2';
  kind: Kind | 'unknown';
  outcome: Outcome;
  count: number;
};

/** Adds up what is the same, in an order in which two replicas do not wait for each other. */
export const summed = (all: readonly Counted[]): Counted[] => {
  const sums = new Map<string, Counted>();
  for (const one of all) {
    const key = `${one.direction} ${one.kind} ${one.outcome}`;
    sums.set(key, { ...one, count: one.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
};

/** Counts in the transaction in which the messages pass: the figures are exact. */
export const addCounts = async (tx: Queryable, counted: readonly Counted[], at: Date): Promise<void> => {
  if (counted.length === 0) return;
  await tx.query(
    `insert into message_counts as c (direction, kind, outcome, count, last_at)
     select direction, kind, outcome, count, $2
     from jsonb_to_recordset($1::jsonb) as r(direction text, kind text, outcome text, count bigint)
     order by direction, kind, outcome
     on conflict (direction, kind, outcome) do update set
       count = c.count + excluded.count, last_at = excluded.last_at`,
    [JSON.stringify(counted), at],
  );
};
