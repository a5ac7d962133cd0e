import type { Fact, PayloadOf } from '../../shared/contracts/contract.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { countFact } from '../telemetry/metrics.ts';
import type { FactMessage } from './hub.ts';
import { worker, type Worker } from './worker.ts';

const CHANNEL = 'inbox';
const MAX_ATTEMPTS = 5;
const FIRST_DELAY_MS = 200;
const KEEP_MS = 7 * 24 * 3_600_000;
const CLEAN_EVERY_MS = 3_600_000;

/** A fact as a listener hears it. */
export type Heard<F extends Fact> = {
  payload: PayloadOf<F>;
  id: string;
  requestId: string | null;
  occurredAtMs: number;
  /** The transaction that also remembers the fact as handled; a room without a database has none. */
  tx: Transaction;
};
export type Listener<R> = { fact: Fact; handle: (room: R, heard: Heard<Fact>) => Promise<void> };

/** Ties a fact to what a room does when it hears it. */
export const listen = <R, F extends Fact>(
  fact: F,
  handle: (room: R, heard: Heard<F>) => Promise<void>,
): Listener<R> => ({ fact, handle: handle as unknown as Listener<R>['handle'] });

/** Puts facts into the room's inbox; those that it has or had already are passed over. */
export const acceptInto =
  (db: Database, clock: Clock) =>
  async (messages: readonly FactMessage[]): Promise<void> => {
    await db.query(
      `insert into inbox (id, fact, version, payload, request_id, occurred_at, next_attempt_at)
       select id, fact, version, payload, request_id, to_timestamp(occurred_ms / 1000.0), $7
       from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::float8[])
         as heard (id, fact, version, payload, request_id, occurred_ms)
       on conflict (id) do nothing`,
      [
        messages.map((message) => message.id),
        messages.map((message) => message.fact),
        messages.map((message) => message.version),
        messages.map((message) => message.payload),
        messages.map((message) => message.requestId),
        messages.map((message) => message.occurredAtMs),
        clock.now(),
      ],
    );
    db.notify(CHANNEL);
  };

type InboxRow = {
  id: string;
  fact: string;
  payload: string;
  request_id: string | null;
  occurred_at: Date;
  attempts: number;
};

const handleRow = async <R>(
  room: R,
  listeners: ReadonlyMap<string, Listener<R>>,
  row: InboxRow,
  tx: Transaction,
) => {
  const listener = listeners.get(row.fact);
  if (!listener) throw new Error(`no listener for ${row.fact}`);
  await listener.handle(room, {
    payload: listener.fact.payload.parse(JSON.parse(row.payload)),
    id: row.id,
    requestId: row.request_id,
    occurredAtMs: row.occurred_at.getTime(),
    tx,
  });
};

type Place = { name: string; db: Database; clock: Clock; log: Logger };

/** Makes a fact that failed due again later, or sets it aside after its last try. */
const putBack = async ({ name, db, clock, log }: Place, row: InboxRow, error: unknown): Promise<void> => {
  const attempts = row.attempts + 1;
  const dead = attempts >= MAX_ATTEMPTS;
  const nextMs = clock.nowMs() + FIRST_DELAY_MS * 4 ** row.attempts;
  await db.query(
    'update inbox set attempts = $2, next_attempt_at = $3, dead_at = $4, last_error = $5 where id = $1',
    [
      row.id,
      attempts,
      dead ? null : new Date(nextMs),
      dead ? clock.now() : null,
      String(error).slice(0, 1_000),
    ],
  );
  countFact(name, row.fact, dead ? 'dead' : 'retried');
  log[dead ? 'error' : 'warn'](
    { err: error, fact: row.fact, id: row.id, attempts },
    'a fact was not handled',
  );
  if (!dead) setTimeout(() => db.notify(CHANNEL), nextMs - clock.nowMs()).unref();
};

/**
 * Handles what the inbox holds, each fact in its own transaction. A fact that fails is tried again with
 * growing delays and after five tries set aside as dead, with its last error; the others go on meanwhile.
 */
export const startInbox = <R>(
  name: string,
  room: R,
  db: Database,
  listeners: readonly Listener<R>[],
  clock: Clock,
  log: Logger,
): Worker => {
  const byFact = new Map(listeners.map((listener) => [listener.fact.name, listener]));

  const handleNext = async (): Promise<boolean> => {
    let taken: InboxRow | undefined;
    try {
      return await db.transaction(async (tx) => {
        [taken] = await tx.query<InboxRow>(
          `select id, fact, payload, request_id, occurred_at, attempts from inbox
           where next_attempt_at <= $1 order by next_attempt_at, seq limit 1 for update skip locked`,
          [clock.now()],
        );
        if (!taken) return false;
        await handleRow(room, byFact, taken, tx);
        await tx.query(
          'update inbox set handled_at = $2, next_attempt_at = null, attempts = attempts + 1 where id = $1',
          [taken.id, clock.now()],
        );
        countFact(name, taken.fact, 'handled');
        return true;
      });
    } catch (error) {
      if (!taken) throw error;
      await putBack({ name, db, clock, log }, taken, error);
      return true;
    }
  };

  const clean = setInterval(() => {
    db.query('delete from inbox where handled_at < $1', [new Date(clock.nowMs() - KEEP_MS)]).catch(
      (error: unknown) => log.warn({ err: error }, 'old inbox rows were not cleaned'),
    );
  }, CLEAN_EVERY_MS).unref();

  const running = worker({
    name: `${name} inbox`,
    db,
    channel: CHANNEL,
    pollMs: 1_000,
    log,
    run: handleNext,
  });
  return {
    wake: running.wake,
    stop: async () => {
      clearInterval(clean);
      await running.stop();
    },
  };
};
