import type { Event, PayloadOf } from '../../shared/contracts/contract.ts';
import type { Clock } from '../process/clock.ts';
import type { Job } from '../process/jobs.ts';
import type { Database, Transaction } from '../postgres/database.ts';
import { currentRequest, inRequest, readOrigin, type RequestOrigin } from '../calls/request-context.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { PoisonMessage, type EventMessage } from './event-message.ts';

/** Small batches hold their locks only briefly. */
const CLEAN_BATCH = 1_000;

/** An event as its subscriber receives it. */
export type EventDelivery<F extends Event> = {
  payload: PayloadOf<F>;
  id: string;
  requestId: string | null;
  /** Who made the request; null where nobody asked. */
  origin: RequestOrigin | null;
  occurredAtMs: number;
  /** The transaction that also records the event as handled; undefined without a database. */
  tx: Transaction;
};

/** How to recognize an older event about the same thing. */
export type Latest<P> = {
  /** The thing's key, for example a user's id. */
  key: (payload: P) => string;
  /** Grows with each change of the thing. */
  version: (payload: P) => number;
};

export type Subscriber<R> = {
  event: Event;
  handle: (service: R, delivery: EventDelivery<Event>) => Promise<void>;
  /** Null for a subscriber of every event. */
  latest: Latest<unknown> | null;
};

/**
 * Declares a subscriber: it handles every event once, in any order. With `latest`, events with an older
 * version of the same thing are ignored (only with a database).
 */
export const subscribe = <R, F extends Event>(
  event: F,
  handle: (service: R, delivery: EventDelivery<F>) => Promise<void>,
  options: { latest?: Latest<PayloadOf<F>> } = {},
): Subscriber<R> => ({
  event,
  handle: handle as unknown as Subscriber<R>['handle'],
  latest: (options.latest ?? null) as Latest<unknown> | null,
});

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new PoisonMessage('its payload is not JSON');
  }
};

const checked = (schema: Event['payload'], value: unknown, version: number): unknown => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'payload';
  throw new PoisonMessage(`its payload is not of version ${version}: ${where}: ${issue?.message}`);
};

/** Parses a payload; an earlier version is upgraded to the present one. */
const payloadOf = (event: Event, { version, payload }: EventMessage): unknown => {
  if (version === event.version) return checked(event.payload, parseJson(payload), version);
  const earlier = event.earlier?.[version];
  if (!earlier) {
    const known = [...Object.keys(event.earlier ?? {}), event.version].join(', ');
    throw new PoisonMessage(`version ${version} of ${event.name} is unknown here, known: ${known}`);
  }
  const old = checked(earlier.payload, parseJson(payload), version);
  return checked(event.payload, earlier.upgrade(old as never), event.version);
};

/** A parsed message with its subscriber. */
export type OpenedEvent<R> = { subscriber: Subscriber<R>; payload: unknown; message: EventMessage };

/**
 * Finds a message's subscriber and parses its payload.
 * @throws PoisonMessage when there is no subscriber, or the version or payload is unknown
 */
export const openEvent = <R>(
  subscribers: ReadonlyMap<string, Subscriber<R>>,
  message: EventMessage,
): OpenedEvent<R> => {
  const subscriber = subscribers.get(message.event);
  if (!subscriber) throw new PoisonMessage(`no subscriber of ${message.event} here`);
  return { subscriber, payload: payloadOf(subscriber.event, message), message };
};

/**
 * Runs `run` as part of the request that caused the event, in a span of its trace.
 * @param service the subscribing service
 * @throws PoisonMessage when the event's origin cannot be read
 */
export const inEvent = <T>(
  service: string,
  { id, event, requestId, origin }: EventMessage,
  run: () => Promise<T>,
): Promise<T> => {
  let known;
  try {
    known = readOrigin(origin);
  } catch {
    throw new PoisonMessage('its origin is not JSON');
  }
  const attributes = { 'payloom.service': service, 'messaging.message.id': id };
  return inRequest({ id: requestId, ...known }, () =>
    inSpan(`handle ${event}`, { kind: 'consumer', attributes }, run),
  );
};

/** Runs the subscriber; within `inEvent`. */
export const deliver = <R>(
  service: R,
  { subscriber, payload, message }: OpenedEvent<R>,
  tx: Transaction,
): Promise<void> => {
  const { id, requestId, occurredAtMs } = message;
  const { origin = null } = currentRequest() ?? {};
  return subscriber.handle(service, { payload: payload as never, id, requestId, origin, occurredAtMs, tx });
};

const isNewest = async <R>({ subscriber, payload }: OpenedEvent<R>, tx: Transaction): Promise<boolean> => {
  if (!subscriber.latest) return true;
  const rows = await tx.query(
    `insert into latest_versions (event, key, version) values ($1, $2, $3)
     on conflict (event, key) do update set version = excluded.version
       where latest_versions.version < excluded.version
     returning version`,
    [subscriber.event.name, subscriber.latest.key(payload), subscriber.latest.version(payload)],
  );
  return rows.length > 0;
};

/** What became of a delivery: a `duplicate` was handled before, a `superseded` one is older than known. */
export type Handled = 'handled' | 'duplicate' | 'superseded';

/**
 * Handles an event within `tx`, which also records it as handled: its effect exists once or not at all. Runs
 * within `inEvent`.
 */
export const handleOnce = async <R>(
  service: R,
  opened: OpenedEvent<R>,
  tx: Transaction,
  clock: Clock,
): Promise<Handled> => {
  const { id, event } = opened.message;
  const fresh = await tx.query(
    'insert into inbox (id, event, handled_at) values ($1, $2, $3) on conflict (id) do nothing returning id',
    [id, event, clock.now()],
  );
  if (fresh.length === 0) return 'duplicate';
  if (!(await isNewest(opened, tx))) return 'superseded';
  await deliver(service, opened, tx);
  return 'handled';
};

/** Deletes records of events that were handled longer ago than `keptMs`, in small batches. */
export const cleanInbox = async (db: Database, clock: Clock, keptMs: number): Promise<void> => {
  const before = new Date(clock.nowMs() - keptMs);
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

/**
 * Deletes inbox rows once an hour.
 * @param keptMs how long handled events are recorded; a later delivery would have its effect again
 */
export const purgeInbox = (keptMs: number): Job<{ db: Database; clock: Clock }> => ({
  name: 'purge-inbox',
  everyMs: 3_600_000,
  run: ({ db, clock }) => cleanInbox(db, clock, keptMs),
});
