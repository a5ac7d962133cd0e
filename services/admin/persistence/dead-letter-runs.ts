import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import type { DeadLetterAct, DeadLetterRun } from '../../../shared/contracts/admin/dead-letters.ts';

/** Service and event. */
export type LetterKey = readonly [service: string, eventId: string];

export type RunRow = {
  id: DeadLetterRun['id'];
  act: DeadLetterAct;
  reason: string;
  ordered_by: DeadLetterRun['orderedBy'];
  started_at: Date;
  progressed_at: Date;
  finished_at: Date | null;
  letters: LetterKey[];
  position: number;
  done: number;
  problem: string | null;
};

export const toRun = (row: RunRow): DeadLetterRun => ({
  id: row.id,
  act: row.act,
  reason: row.reason,
  orderedBy: row.ordered_by,
  startedAt: row.started_at.toISOString(),
  finishedAt: row.finished_at?.toISOString() ?? null,
  count: row.letters.length,
  done: row.done,
  gone: Math.max(0, row.position - row.done),
  problem: row.problem,
});

type NewRun = Pick<RunRow, 'id' | 'act' | 'reason' | 'letters'> & { orderedBy: string; at: Date };

export const insertRun = async (
  db: Queryable,
  { id, act, reason, orderedBy, at, letters }: NewRun,
): Promise<RunRow> => {
  const [row] = await db.query<RunRow>(
    `insert into dead_letter_runs (id, act, reason, ordered_by, started_at, progressed_at, letters)
     values ($1, $2, $3, $4, $5, $5, $6) returning *`,
    [id, act, reason, orderedBy, at, JSON.stringify(letters)],
  );
  return row as RunRow;
};

export const listRuns = (db: Queryable, limit: number): Promise<RunRow[]> =>
  db.query<RunRow>('select * from dead_letter_runs order by started_at desc, id desc limit $1', [limit]);

/** Takes the oldest run that has work and that no process is at, until `until`. */
export const claimRun = async (db: Queryable, now: Date, until: Date): Promise<RunRow | undefined> => {
  const [row] = await db.query<RunRow>(
    `update dead_letter_runs set claimed_until = $2 where id = (
       select id from dead_letter_runs
       where finished_at is null and (claimed_until is null or claimed_until <= $1)
       order by started_at limit 1 for update skip locked
     ) returning *`,
    [now, until],
  );
  return row;
};

/** Records a batch: the next position, how many were done, and whether it was the last one. */
export const recordBatch = async (
  db: Queryable,
  { id, position }: Pick<RunRow, 'id' | 'position'>,
  batch: { next: number; done: number; now: Date },
): Promise<void> => {
  await db.query(
    `update dead_letter_runs set position = $3, done = done + $4, progressed_at = $5, problem = null,
       claimed_until = null,
       finished_at = case when $3 >= jsonb_array_length(letters) then $5::timestamptz end
     where id = $1 and position = $2`,
    [id, position, batch.next, batch.done, batch.now],
  );
};

/** Records why a batch failed; the run is tried again from `again` on, or has ended where that is null. */
export const recordProblem = async (
  db: Queryable,
  { id, position }: Pick<RunRow, 'id' | 'position'>,
  { problem, again, now }: { problem: string; again: Date | null; now: Date },
): Promise<void> => {
  await db.query(
    `update dead_letter_runs set problem = $3, claimed_until = $4, finished_at = $5
     where id = $1 and position = $2`,
    [id, position, problem, again, again ? null : now],
  );
};

export const purgeRuns = purgeOf({ table: 'dead_letter_runs', key: 'id', age: 'started_at' });
