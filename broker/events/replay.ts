import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { Database } from '../postgres/database.ts';
import type { Clock } from '../process/clock.ts';
import { serviceOfEvent, type EventMessage } from './event-message.ts';
import { storeInQueue } from './in-process-hub.ts';
import { beforeFirstPublished, lastPublished, messageOf, readPublished } from './published-events.ts';
import { declareTopology, queueOf } from './topology.ts';
import { encode } from './wire.ts';

/** Positions read at once: an upper bound of the events in memory. */
const WINDOW = 500;
/** The next events are sent when fewer wait in the service's queue, so that live events are soon handled. */
const QUEUE_LIMIT = 500;
const QUEUE_POLL_MS = 50;

/** The queue of the service that receives a replay. */
export type ReplayTarget = {
  service: string;
  /** The number of events that wait in the queue, or QUEUE_LIMIT or more. */
  waiting(): Promise<number>;
  /** Stores events in the queue of this service and of no other. */
  accept(messages: readonly EventMessage[]): Promise<void>;
};

const publishOn = (channel: ConfirmChannel, service: string, login: string, message: EventMessage) => {
  const { content, options } = encode(message, '', login, true);
  const publishedBy = serviceOfEvent(message.event);
  channel.publish('', queueOf(service), content, {
    ...options,
    headers: { ...options.headers, publishedBy },
  });
};

/**
 * A service's queue on RabbitMQ, which is declared first: live events reach it from then on.
 * @param login of the connection, which services trust to publish again (`operator`)
 */
export const targetOnRabbitmq = async (
  service: string,
  events: readonly string[],
  model: ChannelModel,
  login: string,
): Promise<ReplayTarget> => {
  const channel = await model.createConfirmChannel();
  channel.on('error', () => undefined);
  await declareTopology(channel, service, events);
  let returned = 0;
  channel.on('return', () => (returned += 1));
  return {
    service,
    waiting: async () => (await channel.checkQueue(queueOf(service))).messageCount,
    accept: async (messages) => {
      for (const message of messages) publishOn(channel, service, login, message);
      await channel.waitForConfirms();
      if (returned > 0) throw new Error(`${queueOf(service)} was deleted: repeat the command`);
    },
  };
};

/** A service's queue in its own database (embedded mode). */
export const targetInDatabase = (service: string, db: Database, clock: Clock): ReplayTarget => ({
  service,
  waiting: async () => {
    const [row] = await db.query<{ waiting: number }>(
      `select count(*)::int as waiting from
         (select from event_queue where next_attempt_at is not null limit ${QUEUE_LIMIT}) waiting`,
    );
    return row?.waiting ?? 0;
  },
  accept: (messages) => storeInQueue(db, clock, messages),
});

export type ReplayRequest = {
  /** Full names. */
  events: readonly string[];
  /** Events that occurred earlier are left out. */
  from: Date;
};

/** `done` of `all` positions are read, `sent` events of them stored in the queue. */
export type ReplayProgress = { done: number; all: number; sent: number; waiting: number };

/** The position of an interrupted replay of the same request. */
const interruptedAt = async (db: Database, service: string, request: string): Promise<number | null> => {
  const [row] = await db.query<{ position: string }>(
    'select position from replays where service = $1 and request = $2',
    [service, request],
  );
  return row ? Number(row.position) : null;
};

const savePosition = async (db: Database, service: string, request: string, position: number) => {
  await db.query(
    `insert into replays (service, request, position, updated_at) values ($1, $2, $3, now())
     on conflict (service) do update set request = $2, position = $3, updated_at = now()`,
    [service, request, position],
  );
};

const whenShort = async (target: ReplayTarget, report: (waiting: number) => void): Promise<void> => {
  for (;;) {
    const waiting = await target.waiting();
    report(waiting);
    if (waiting < QUEUE_LIMIT) return;
    await sleep(QUEUE_POLL_MS);
  }
};

/**
 * Sends the kept events of one publisher to the queue of one service, in the order of their publication. Live
 * events flow meanwhile; an event that the service has received already has no second effect. A replay that
 * was interrupted resumes at its position when the same request is repeated.
 * @param db the publisher's database
 * @returns the number of events sent
 */
export const replay = async (
  db: Database,
  target: ReplayTarget,
  { events, from }: ReplayRequest,
  report: (progress: ReplayProgress) => void,
): Promise<number> => {
  const { service } = target;
  const request = JSON.stringify({ events: events.toSorted(), from: from.toISOString() });
  const upTo = await lastPublished(db);
  const first = await beforeFirstPublished(db);
  let position = Math.max(first, (await interruptedAt(db, service, request)) ?? 0);
  let sent = 0;
  while (position < upTo) {
    await whenShort(target, (waiting) =>
      report({ done: position - first, all: upTo - first, sent, waiting }),
    );
    const next = Math.min(upTo, position + WINDOW);
    const rows = await readPublished(db, { after: position, upTo: next, events, from });
    await target.accept(rows.map(messageOf));
    sent += rows.length;
    position = next;
    await savePosition(db, service, request, position);
  }
  await db.query('delete from replays where service = $1', [service]);
  return sent;
};
