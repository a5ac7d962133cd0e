import { serviceOfEvent } from '../../broker/events/event-message.ts';
import {
  beforeFirstPublished,
  lastPublished,
  messageOf,
  readPublished,
  type StoredEvent,
} from '../../broker/events/published-events.ts';
import { targetOnRabbitmq, type ReplayTarget } from '../../broker/events/replay.ts';
import type { Database } from '../../broker/postgres/database.ts';
import { subscribingServices } from '../events/declare-events.ts';
import type { System } from '../events/system.ts';
import type { Say } from './progress.ts';

/** Positions read at once. */
const WINDOW = 1_000;
const ANY_TIME = new Date(0);

/** Those that the subscriber has not handled. */
const unhandled = async (subscriber: Database, events: readonly StoredEvent[]): Promise<StoredEvent[]> => {
  const ids = events.map(({ id }) => id);
  const rows = await subscriber.query<{ id: string }>('select id from inbox where id = any($1)', [ids]);
  const handled = new Set(rows.map(({ id }) => id));
  return events.filter(({ id }) => !handled.has(id));
};

type Route = {
  publisher: Database;
  subscriber: Database;
  events: readonly string[];
  target: ReplayTarget;
  /** Ids of the events that are dead letters. */
  dead: ReadonlySet<string>;
};

/** Sends the events of one publisher that wait for one subscriber. @returns their number */
const sendOn = async ({ publisher, subscriber, events, target, dead }: Route, say: Say): Promise<number> => {
  const last = await lastPublished(publisher);
  let sent = 0;
  for (let after = await beforeFirstPublished(publisher); after < last; after += WINDOW) {
    const upTo = Math.min(last, after + WINDOW);
    const kept = await readPublished(publisher, { after, upTo, events, from: ANY_TIME });
    const waiting = (await unhandled(subscriber, kept)).filter(({ id }) => !dead.has(id));
    await target.accept(waiting.map(messageOf));
    sent += waiting.length;
    say(`events to ${target.service}: ${upTo} of ${last} read, ${sent} sent`);
  }
  return sent;
};

/**
 * Fills the queues on RabbitMQ as they were at the common point of the databases: an event waits for a
 * subscriber when its publisher has published it, and neither the subscriber's inbox nor its dead letters
 * have it. Events in an outbox are published by their service.
 * @param deadOf ids of the events that are a service's dead letters
 * @returns the number of events by subscriber
 */
export const sendUndelivered = async (
  system: System,
  deadOf: (service: string) => ReadonlySet<string>,
  say: Say,
): Promise<Record<string, number>> => {
  const { model, login } = system;
  const sent: Record<string, number> = {};
  const databaseOf = (name: string) => system.services.find((service) => service.name === name)?.db ?? null;
  for (const { service, events } of model ? subscribingServices(system.definitions) : []) {
    const subscriber = databaseOf(service);
    if (!model || !subscriber) continue;
    const target = await targetOnRabbitmq(service, events, model, login);
    sent[service] = 0;
    for (const [name, own] of Map.groupBy(events, serviceOfEvent)) {
      const publisher = databaseOf(name);
      if (!publisher) continue;
      const route = { publisher, subscriber, events: own, target, dead: deadOf(service) };
      sent[service] += await sendOn(route, say);
    }
  }
  return sent;
};
