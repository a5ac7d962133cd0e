import type { Queryable } from '../../../broker/postgres/database.ts';
import type { ProcessState, SystemSample } from '../../../shared/contracts/admin/system.ts';

export type ChangeRow = { at: Date; node_id: string; services: string[]; state: ProcessState };
export type NewChange = { at: Date; nodeId: string; services: readonly string[]; state: ProcessState };

/** Writes a change, unless another process of this service has seen the same. */
export const insertChange = async (
  db: Queryable,
  { at, nodeId, services, state }: NewChange,
): Promise<void> => {
  await db.query(
    `insert into system_changes (at, node_id, services, state)
     select $1, $2, $3, $4 where $4 is distinct from
       (select state from system_changes where node_id = $2 order by seq desc limit 1)`,
    [at, nodeId, services, state],
  );
};

export const listChanges = (db: Queryable, since: Date, limit: number): Promise<ChangeRow[]> =>
  db.query<ChangeRow>(
    'select at, node_id, services, state from system_changes where at >= $1 order by seq desc limit $2',
    [since, limit],
  );

/** The last state of each process that was there or left since then, the earliest first. */
export const lastStates = (db: Queryable, since: Date): Promise<ChangeRow[]> =>
  db.query<ChangeRow>(
    `select at, node_id, services, state from (
       select distinct on (node_id) * from system_changes order by node_id, seq desc
     ) newest
     where at >= $1 or state in ('up', 'silent') order by seq`,
    [since],
  );

export const insertSample = async (db: Queryable, sample: SystemSample): Promise<void> => {
  await db.query(
    `insert into system_samples
       (at, up, down, waiting, retrying, dead, outbox_rows, outbox_oldest_s)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (at) do nothing`,
    [
      ...[sample.at, sample.up, sample.down, sample.waiting, sample.retrying, sample.dead],
      ...[sample.outboxRows, sample.outboxOldestS],
    ],
  );
};

type SampleRow = Omit<SystemSample, 'at' | 'outboxRows' | 'outboxOldestS'> & {
  at: Date;
  outbox_rows: number;
  outbox_oldest_s: number;
};

export const listSamples = async (db: Queryable, since: Date): Promise<SystemSample[]> => {
  const rows = await db.query<SampleRow>(
    `select at, up, down, waiting, retrying, dead, outbox_rows, outbox_oldest_s
     from system_samples where at >= $1 order by at`,
    [since],
  );
  return rows.map(({ at, outbox_rows: outboxRows, outbox_oldest_s: outboxOldestS, ...figures }) => ({
    ...figures,
    ...{ at: at.toISOString(), outboxRows, outboxOldestS },
  }));
};

/** Deletes what is older, except the last word on a process that may still be there. */
export const deleteBefore = async (db: Queryable, before: Date): Promise<void> => {
  await db.query('delete from system_samples where at < $1', [before]);
  await db.query(
    `delete from system_changes c where at < $1 and (state in ('died', 'stopped') or exists (
       select from system_changes newer where newer.node_id = c.node_id and newer.seq > c.seq
     ))`,
    [before],
  );
};
