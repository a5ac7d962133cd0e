import { countFact } from '../telemetry/metrics.ts';
import type { Clock } from '../clock.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { HopelessFact, type FactMessage } from './fact-message.ts';
import type { Hearing, Hub } from './hub.ts';
import { handleOnce, openFact, startCleaning, tell, type Listener } from './inbox.ts';
import { causeOf, isUnavailable, MAX_TRIES, PATIENCE_MS, PAUSE_MS, RETRY_DELAYS_MS } from './retry.ts';
import { worker, type Worker } from './worker.ts';

const WORK = 'fact_queue';

type Subscription = { facts: Set<string>; accept: (messages: readonly FactMessage[]) => Promise<void> };

/** Puts facts into the room's queue; those that it holds or has handled already are passed over. */
const putInto = async (db: Database, clock: Clock, messages: readonly FactMessage[]): Promise<void> => {
  await db.query(
    `insert into fact_queue (id, fact, version, payload, request_id, occurred_at, next_attempt_at)
     select id, fact, version, payload, request_id, to_timestamp(occurred_ms / 1000.0), $7
     from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::float8[])
       as told (id, fact, version, payload, request_id, occurred_ms)
     where not exists (select from inbox where inbox.id = told.id)
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
  db.wake(WORK);
};

type QueueRow = {
  id: string;
  fact: string;
  version: number;
  payload: string;
  request_id: string | null;
  occurred_at: Date;
  attempts: number;
  first_failed_at: Date | null;
};

const takeNext = async (tx: Transaction, clock: Clock): Promise<QueueRow | undefined> => {
  const [row] = await tx.query<QueueRow>(
    `delete from fact_queue where id = (
       select id from fact_queue where next_attempt_at <= $1
       order by next_attempt_at, seq limit 1 for update skip locked
     ) returning id, fact, version, payload, request_id, occurred_at, attempts, first_failed_at`,
    [clock.now()],
  );
  return row;
};

const messageOf = (row: QueueRow): FactMessage => ({
  id: row.id,
  fact: row.fact,
  version: row.version,
  payload: row.payload,
  requestId: row.request_id,
  occurredAtMs: row.occurred_at.getTime(),
});

/** What becomes of a fact after a failure: due again at a time, or dead. */
const verdict = (row: QueueRow, error: unknown, nowMs: number) => {
  const firstFailedAtMs = row.first_failed_at?.getTime() ?? nowMs;
  if (isUnavailable(error) && nowMs - firstFailedAtMs < PATIENCE_MS)
    return { attempts: row.attempts, firstFailedAtMs, waitMs: PAUSE_MS };
  const attempts = row.attempts + 1;
  const isDead = error instanceof HopelessFact || attempts >= MAX_TRIES;
  return { attempts, firstFailedAtMs, waitMs: isDead ? null : (RETRY_DELAYS_MS[row.attempts] ?? 0) };
};

/** Makes a fact that failed due again later, or sets it aside after its last try. */
const putBack = async <R>(
  { name, db, clock, log }: Hearing<R> & { db: Database },
  row: QueueRow,
  error: unknown,
): Promise<void> => {
  const nowMs = clock.nowMs();
  const { attempts, firstFailedAtMs, waitMs } = verdict(row, error, nowMs);
  const isDead = waitMs === null;
  await db.query(
    `update fact_queue set attempts = $2, next_attempt_at = $3, dead_at = $4, cause = $5,
       first_failed_at = $6, last_failed_at = $7 where id = $1`,
    [
      row.id,
      attempts,
      isDead ? null : new Date(nowMs + waitMs),
      isDead ? new Date(nowMs) : null,
      causeOf(error),
      new Date(firstFailedAtMs),
      new Date(nowMs),
    ],
  );
  if (attempts > row.attempts) countFact(name, row.fact, isDead ? 'dead' : 'retried');
  log[isDead ? 'error' : 'warn']({ err: error, fact: row.fact, id: row.id, attempts }, 'a fact failed');
  if (!isDead) setTimeout(() => db.wake(WORK), waitMs).unref();
};

/** Works off the room's queue, each fact in one transaction with its effect. */
const startQueue = <R>(hearing: Hearing<R> & { db: Database }): Worker => {
  const { name, room, db, listeners, clock, log, afterHandled } = hearing;
  const byFact = new Map(listeners.map((listener) => [listener.fact.name, listener]));

  const handleNext = async (): Promise<boolean> => {
    let taken: QueueRow | undefined;
    try {
      await db.transaction(async (tx) => {
        taken = await takeNext(tx, clock);
        if (!taken) return;
        const isNew = await handleOnce(room, openFact(byFact, messageOf(taken)), tx, clock);
        const { fact } = taken;
        tx.afterCommit(() => {
          if (isNew) countFact(name, fact, 'handled');
          // Also when it was handled before: the process that did may have died before it told anybody.
          afterHandled?.(fact);
        });
      });
    } catch (error) {
      // The failed transaction has put the row back.
      if (!taken) throw error;
      await putBack(hearing, taken, error);
    }
    return taken !== undefined;
  };

  const stopCleaning = startCleaning(db, clock, log);
  const running = worker({
    name: `${name} facts`,
    db,
    work: WORK,
    pollMs: 1_000,
    log,
    run: handleNext,
  });
  return {
    wake: running.wake,
    stop: async () => {
      stopCleaning();
      await running.stop();
    },
  };
};

/** Hands facts straight to the listeners of a room that keeps nothing; what fails there is lost to it. */
const hearAtOnce = <R>({ name, room, listeners, log, afterHandled }: Hearing<R>) => {
  const byFact = new Map<string, Listener<R>>(listeners.map((listener) => [listener.fact.name, listener]));
  return async (messages: readonly FactMessage[]): Promise<void> => {
    for (const message of messages) {
      try {
        await tell(room, openFact(byFact, message), undefined as never);
        countFact(name, message.fact, 'handled');
        afterHandled?.(message.fact);
      } catch (error) {
        countFact(name, message.fact, 'dead');
        log.error({ err: error, fact: message.fact, id: message.id }, 'a fact was not handled');
      }
    }
  };
};

/**
 * The hub of a process that holds all rooms. A room's queue is a table of its own database, filled in the
 * transaction that takes the facts from the outbox, so that it outlives the process.
 */
export const inProcessHub = (): Hub => {
  const subscriptions = new Set<Subscription>();
  return {
    isOpen: () => true,
    onOpen: () => undefined,
    publish: async (messages) => {
      for (const { facts, accept } of subscriptions) {
        const heard = messages.filter((message) => facts.has(message.fact));
        if (heard.length > 0) await accept(heard);
      }
    },
    hear: async (hearing) => {
      const { db, clock, listeners } = hearing;
      const subscription: Subscription = {
        facts: new Set(listeners.map((listener) => listener.fact.name)),
        accept: db ? (messages) => putInto(db, clock, messages) : hearAtOnce(hearing),
      };
      subscriptions.add(subscription);
      const queue = db ? startQueue({ ...hearing, db }) : null;
      return {
        wake: () => queue?.wake(),
        stop: async () => {
          subscriptions.delete(subscription);
          await queue?.stop();
        },
      };
    },
  };
};
