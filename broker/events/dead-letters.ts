import { traceOf } from '../calls/request-context.ts';
import type { Database } from '../postgres/database.ts';

/** An event that a service could not handle. Times are ISO 8601. */
export type DeadLetter = {
  /** The service that failed. */
  service: string;
  id: string;
  event: string;
  version: number | null;
  cause: string;
  /** Failed attempts; null where RabbitMQ's delivery limit removed an event whose process ended each time. */
  attempts: number | null;
  firstFailureAt: string | null;
  lastFailureAt: string | null;
  requestId: string | null;
  /** Of the trace of the request that caused the event. */
  traceId: string | null;
  sizeBytes: number;
  payload: string;
};

/** The dead letters of one service. */
export type DeadLetters = {
  /** Reads the oldest dead letters without removing them. */
  list(limit?: number): Promise<DeadLetter[]>;
  find(id: string): Promise<DeadLetter | null>;
  /**
   * Sends dead letters back to the service that failed, and to no other, with all attempts renewed. One that
   * the service has handled since has no second effect.
   * @param which ids as `list` returns them
   * @returns those that were (in a dry run: would be) sent back
   */
  replay(which: readonly string[] | 'all', options?: { dryRun?: boolean }): Promise<DeadLetter[]>;
  /** Deletes dead letters for good. Returns those that were there. */
  discard(which: readonly string[]): Promise<DeadLetter[]>;
};

export const LIST_LIMIT = 1_000;

type DeadRow = {
  id: string;
  event: string;
  version: number;
  cause: string | null;
  attempts: number;
  first_failed_at: Date | null;
  last_failed_at: Date | null;
  request_id: string | null;
  origin: string | null;
  payload: string;
};

export const isChosen = (which: readonly string[] | 'all', id: string): boolean =>
  which === 'all' || which.includes(id);

const COLUMNS = `id, event, version, cause, attempts, first_failed_at, last_failed_at, request_id, origin,
  payload`;

const letterOf = (service: string, row: DeadRow): DeadLetter => ({
  service,
  id: row.id,
  event: row.event,
  version: row.version,
  cause: row.cause ?? 'unknown',
  attempts: row.attempts,
  firstFailureAt: row.first_failed_at?.toISOString() ?? null,
  lastFailureAt: row.last_failed_at?.toISOString() ?? null,
  requestId: row.request_id,
  traceId: traceOf(row.origin)?.traceId ?? null,
  sizeBytes: Buffer.byteLength(row.payload),
  payload: row.payload,
});

/** The dead letters in a service's own database (embedded mode). */
export const deadLettersInDatabase = (service: string, db: Pick<Database, 'query' | 'wake'>): DeadLetters => {
  const read = async (sql: string, values: readonly unknown[]): Promise<DeadLetter[]> =>
    (await db.query<DeadRow>(sql, values)).map((row) => letterOf(service, row));
  const list = (limit = LIST_LIMIT) =>
    read(`select ${COLUMNS} from event_queue where dead_at is not null order by dead_at, seq limit $1`, [
      limit,
    ]);
  return {
    list,
    find: async (id) => {
      const sql = `select ${COLUMNS} from event_queue where id = $1 and dead_at is not null`;
      return (await read(sql, [id]))[0] ?? null;
    },
    replay: async (which, { dryRun = false } = {}) => {
      const chosen = (await list(Number.MAX_SAFE_INTEGER)).filter(({ id }) => isChosen(which, id));
      if (dryRun || chosen.length === 0) return chosen;
      await db.query(
        `update event_queue set attempts = 0, next_attempt_at = occurred_at, dead_at = null, cause = null,
           first_failed_at = null, last_failed_at = null where id = any($1) and dead_at is not null`,
        [chosen.map(({ id }) => id)],
      );
      db.wake('event_queue');
      return chosen;
    },
    discard: (which) =>
      read(`delete from event_queue where id = any($1) and dead_at is not null returning ${COLUMNS}`, [
        which,
      ]),
  };
};
