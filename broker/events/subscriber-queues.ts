import type { Amqp } from '../amqp/connection.ts';
import type { Logger } from '../process/logger.ts';
import { declareQueue, EXCHANGE, queueOf } from './topology.ts';

/** The subscribing services of each event, by the event's full name. */
export type Subscribers = ReadonlyMap<string, readonly string[]>;

/**
 * RabbitMQ returns an event only if no queue at all took it. The queues are therefore checked before events
 * are published, at most once in this time.
 */
const CHECK_EVERY_MS = 1_000;
/** What RabbitMQ refuses to declare is rarely allowed soon after. */
const REFUSED_PAUSE_MS = 600_000;

const ACCESS_REFUSED = 403;
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

const codeOf = (error: unknown): number => Number((error as { code?: unknown } | null)?.code);

const eventsByService = (subscribers: Subscribers): Map<string, string[]> => {
  const events = new Map<string, string[]>();
  for (const [event, services] of subscribers)
    for (const service of services) events.set(service, [...(events.get(service) ?? []), event]);
  return events;
};

/** @returns whether the queue exists; it is bound to the events where the user may do so */
const bindExisting = (amqp: Amqp, service: string, events: readonly string[]): Promise<boolean> =>
  amqp
    .once(async (channel) => {
      await channel.checkQueue(queueOf(service));
      for (const event of events) await channel.bindQueue(queueOf(service), EXCHANGE, event);
    })
    .then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === NOT_FOUND) return false;
        if (codeOf(error) === ACCESS_REFUSED) return true;
        throw error;
      },
    );

/**
 * The queues of the services that subscribe to a publisher's events. The publisher declares them where its
 * user may, so that events wait there also before a service's first start and after its queue was lost. Where
 * it may not, it finds out which are missing: the events of these services stay in the outbox.
 */
export const subscriberQueues = (subscribers: Subscribers, amqp: Amqp, log: Logger) => {
  const services = [...eventsByService(subscribers)];
  const missing = new Set<string>();
  let declareFromMs = 0;
  let nextMs = 0;
  let checking: Promise<void> | null = null;

  const declareOrFind = async (service: string, events: readonly string[]): Promise<boolean> => {
    if (performance.now() >= declareFromMs) {
      try {
        await amqp.once((channel) => declareQueue(channel, service, events));
        return true;
      } catch (error) {
        if (![ACCESS_REFUSED, PRECONDITION_FAILED].includes(codeOf(error))) throw error;
        declareFromMs = performance.now() + REFUSED_PAUSE_MS;
      }
    }
    return bindExisting(amqp, service, events);
  };

  const checkOne = async (service: string, events: readonly string[]): Promise<void> => {
    const exists = await declareOrFind(service, events);
    if (exists && missing.delete(service)) log.info({ service }, "the subscriber's queue exists again");
    if (exists || missing.has(service)) return;
    missing.add(service);
    log.warn({ service }, "the subscriber's queue does not exist: its events stay in the outbox");
  };

  const checkAll = async (): Promise<void> => {
    nextMs = performance.now() + CHECK_EVERY_MS;
    try {
      for (const [service, events] of services) await checkOne(service, events);
    } catch (error) {
      // The connection is lost, and nothing can be published until a new one is checked.
      log.warn({ err: error }, "the subscribers' queues could not be checked");
    }
  };

  /** Declares or checks all queues, unless that was done within the last second. */
  const check = async (): Promise<void> => {
    if (services.length === 0 || (!checking && performance.now() < nextMs)) return;
    checking ??= checkAll().finally(() => {
      checking = null;
    });
    await checking;
  };

  return {
    check,
    /** Checks at once, after an event has reached no queue. */
    checkNow: (): Promise<void> => {
      nextMs = 0;
      return check();
    },
    /** Checks on a new connection, which may lead to another RabbitMQ. */
    connected: (): Promise<void> => {
      [nextMs, declareFromMs] = [0, 0];
      return check();
    },
    isSubscribed: (event: string): boolean => (subscribers.get(event)?.length ?? 0) > 0,
    /** Whether all services that subscribe to the event have a queue. */
    isReady: (event: string): boolean =>
      (subscribers.get(event) ?? []).every((service) => !missing.has(service)),
  };
};
