import type { Fact, PayloadOf } from '../../shared/contracts/contract.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { runInRequest } from '../request.ts';
import { HopelessFact, type FactMessage } from './fact-message.ts';

/** How long it is remembered that a fact was handled; a delivery that comes later has its effect again. */
const KEEP_MS = 7 * 24 * 3_600_000;
const CLEAN_EVERY_MS = 3_600_000;
/** Small, so that cleaning holds no lock for long and leaves the server to others in between. */
const CLEAN_BATCH = 1_000;

/** A fact as a listener hears it. */
export type Heard<F extends Fact> = {
  payload: PayloadOf<F>;
  id: string;
  requestId: string | null;
  occurredAtMs: number;
  /** The transaction that also remembers the fact as handled; a room without a database has none. */
  tx: Transaction;
};

/** How to tell that a fact is older news of the same thing. */
export type Latest<P> = {
  /** What it is about, for example the user's id. */
  key: (payload: P) => string;
  /** Grows with each change of the thing. */
  version: (payload: P) => number;
};

export type Listener<R> = {
  fact: Fact;
  handle: (room: R, heard: Heard<Fact>) => Promise<void>;
  /** Null for a listener that is to hear every fact. */
  latest: Latest<unknown> | null;
};

/**
 * Ties a fact to what a room does when it hears it: every fact once, in any order. With `latest` a fact is
 * passed over when a newer version of the same thing was handled already (only in rooms with a database).
 */
export const listen = <R, F extends Fact>(
  fact: F,
  handle: (room: R, heard: Heard<F>) => Promise<void>,
  options: { latest?: Latest<PayloadOf<F>> } = {},
): Listener<R> => ({
  fact,
  handle: handle as unknown as Listener<R>['handle'],
  latest: (options.latest ?? null) as Latest<unknown> | null,
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new HopelessFact('its payload is not JSON');
  }
};

const checked = (schema: Fact['payload'], value: unknown, version: number): unknown => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'payload';
  throw new HopelessFact(`its payload is not of version ${version}: ${where}: ${issue?.message}`);
};

/** A payload as this program knows the fact: an earlier version is brought up to the present one. */
const payloadOf = (fact: Fact, { version, payload }: FactMessage): unknown => {
  if (version === fact.version) return checked(fact.payload, parseJson(payload), version);
  const earlier = fact.earlier?.[version];
  if (!earlier) {
    const known = [...Object.keys(fact.earlier ?? {}), fact.version].join(', ');
    throw new HopelessFact(`version ${version} of ${fact.name} is unknown here, known: ${known}`);
  }
  const old = checked(earlier.payload, parseJson(payload), version);
  return checked(fact.payload, earlier.upgrade(old as never), fact.version);
};

/** A message whose listener was found and whose payload was read. */
export type OpenedFact<R> = { listener: Listener<R>; payload: unknown; message: FactMessage };

/**
 * Finds who hears a message and reads its payload.
 * @throws HopelessFact when nobody here hears it, or its version or payload is not known here
 */
export const openFact = <R>(
  listeners: ReadonlyMap<string, Listener<R>>,
  message: FactMessage,
): OpenedFact<R> => {
  const listener = listeners.get(message.fact);
  if (!listener) throw new HopelessFact(`nobody here hears ${message.fact}`);
  return { listener, payload: payloadOf(listener.fact, message), message };
};

/** Lets the listener hear a fact, as part of the request that caused it. */
export const tell = <R>(
  room: R,
  { listener, payload, message }: OpenedFact<R>,
  tx: Transaction,
): Promise<void> => {
  const { id, requestId, occurredAtMs } = message;
  return runInRequest(requestId, () =>
    listener.handle(room, { payload: payload as never, id, requestId, occurredAtMs, tx }),
  );
};

const isNewest = async <R>({ listener, payload }: OpenedFact<R>, tx: Transaction): Promise<boolean> => {
  if (!listener.latest) return true;
  const rows = await tx.query(
    `insert into latest_versions (fact, key, version) values ($1, $2, $3)
     on conflict (fact, key) do update set version = excluded.version
       where latest_versions.version < excluded.version
     returning version`,
    [listener.fact.name, listener.latest.key(payload), listener.latest.version(payload)],
  );
  return rows.length > 0;
};

/**
 * Handles a fact within `tx`, which also remembers it: whatever else happens to the message, its effect is
 * there once or not at all.
 * @returns false when the fact was handled before, or was older than what is known: nothing is done then
 */
export const handleOnce = async <R>(
  room: R,
  opened: OpenedFact<R>,
  tx: Transaction,
  clock: Clock,
): Promise<boolean> => {
  const { id, fact } = opened.message;
  const fresh = await tx.query(
    'insert into inbox (id, fact, handled_at) values ($1, $2, $3) on conflict (id) do nothing returning id',
    [id, fact, clock.now()],
  );
  if (fresh.length === 0 || !(await isNewest(opened, tx))) return false;
  await tell(room, opened, tx);
  return true;
};

/** Forgets what was handled more than seven days ago, in small batches. */
export const cleanInbox = async (db: Database, clock: Clock): Promise<void> => {
  const before = new Date(clock.nowMs() - KEEP_MS);
  for (;;) {
    const gone = await db.query(
      `delete from inbox where id in (
         select id from inbox where handled_at < $1 limit ${CLEAN_BATCH} for update skip locked
       ) returning 1 as gone`,
      [before],
    );
    if (gone.length < CLEAN_BATCH) return;
  }
};

/** Cleans the inbox every hour in the background; gives back what ends it. */
export const startCleaning = (db: Database, clock: Clock, log: Logger): (() => void) => {
  const timer = setInterval(() => {
    cleanInbox(db, clock).catch((error: unknown) => {
      log.warn({ err: error }, 'old inbox rows were not cleaned');
    });
  }, CLEAN_EVERY_MS).unref();
  return () => clearInterval(timer);
};
