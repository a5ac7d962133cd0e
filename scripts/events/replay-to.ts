import { serviceOfEvent } from '../../broker/events/event-message.ts';
import {
  replay,
  targetInDatabase,
  targetOnRabbitmq,
  type ReplayProgress,
  type ReplayTarget,
} from '../../broker/events/replay.ts';
import type { Database } from '../../broker/postgres/database.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { isDayOrInstant } from '../../shared/contracts/days.ts';
import { subscribersNamed, UsageError, type System } from './system.ts';

const SAY_EVERY_MS = 2_000;

type Options = { from?: string; event?: string[]; json?: boolean };

/** The events to which a service subscribes, or those of them that the operator names. */
const eventsFor = ({ definitions }: System, service: string, named: readonly string[]): string[] => {
  const definition = definitions.find(({ contract }) => contract.service === service);
  const all = (definition?.subscribers ?? []).map(({ event }) => event.name);
  const unknown = named.filter((name) => !all.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`${service} does not handle ${unknown.join(', ')}; it handles ${all.join(', ')}.`);
  return named.length > 0 ? [...named] : all;
};

const timeOf = (text: string | undefined): Date => {
  if (text !== undefined && !isDayOrInstant(text))
    throw new UsageError(`${text} is not a time; write it as 2026-11-28 or 2026-11-28T09:30:00Z.`);
  return new Date(text ?? 0);
};

const databaseOf = ({ services }: System, service: string): Database => {
  const db = services.find(({ name }) => name === service)?.db;
  if (!db) throw new UsageError(`The database of ${service} has no address here.`);
  return db;
};

const openTarget = (system: System, service: string): Promise<ReplayTarget> | ReplayTarget => {
  const { model, login } = system;
  return model
    ? targetOnRabbitmq(service, eventsFor(system, service, []), model, login)
    : targetInDatabase(service, databaseOf(system, service), systemClock);
};

/** Prints progress every two seconds. */
const reporter = (system: System, from: string, to: string) => {
  let nextMs = performance.now() + SAY_EVERY_MS;
  return ({ done, all, sent, waiting }: ReplayProgress): void => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + SAY_EVERY_MS;
    const percent = Math.floor((100 * done) / all);
    system.say(`${from} to ${to}: ${percent} %, ${sent} events sent, ${waiting} wait in the queue`);
  };
};

/**
 * Sends kept events to the queue of one service, publisher by publisher.
 * @throws UsageError when the service or an event is unknown, or `from` is not a time
 */
export const replayTo = async (system: System, service: string, options: Options): Promise<string> => {
  subscribersNamed(system, service);
  const from = timeOf(options.from);
  const events = eventsFor(system, service, options.event ?? []);
  const target = await openTarget(system, service);
  const sent: Record<string, number> = {};
  for (const publisher of new Set(events.map(serviceOfEvent))) {
    const request = { from, events: events.filter((name) => serviceOfEvent(name) === publisher) };
    const report = reporter(system, publisher, service);
    sent[publisher] = await replay(databaseOf(system, publisher), target, request, report);
  }
  if (options.json) return JSON.stringify({ service, sent }, null, 2);
  const lines = Object.entries(sent).map(([publisher, count]) => `${count} events of ${publisher}`);
  return `Sent to ${service}: ${lines.join(', ')}. It handles those that it has not handled before.`;
};
