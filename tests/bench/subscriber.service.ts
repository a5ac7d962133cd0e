import * as z from 'zod/mini';
import { subscribe, type EventDelivery } from '../../broker/events/inbox.ts';
import { defineService, type Service } from '../../broker/process/service.ts';
import { contract, type Event } from '../../shared/contracts/contract.ts';
import { payments } from '../../shared/contracts/payments.ts';

/**
 * A handled event and its delay: from the outbox row's time to the commit of the subscriber's transaction.
 */
export type Handled = { event: string; delayMs: number };

type SubscriberService = Service<unknown, { handled: Handled[] }>;

/** Records when an event was handled; the inbox row is written as for every subscriber. */
const note =
  (event: Event) =>
  async ({ state, clock }: SubscriberService, { tx, occurredAtMs }: EventDelivery<Event>): Promise<void> => {
    tx.afterCommit(() => state.handled.push({ event: event.name, delayMs: clock.nowMs() - occurredAtMs }));
  };

const { created, completed } = payments.events;

const subscriber = contract('subscriber', { actions: {}, events: {} });

/** A service of the benches that subscribes to payments' events, with a process and a database of its own. */
export const service = defineService<typeof subscriber, z.ZodMiniType, { handled: Handled[] }>({
  contract: subscriber,
  config: z.object({}),
  database: {
    env: 'SUBSCRIBER_DATABASE_URL',
    migrations: new URL('../../broker/events/no-migrations/', import.meta.url),
  },
  actions: {},
  subscribers: [subscribe(created, note(created)), subscribe(completed, note(completed))],
  state: () => ({ handled: [] }),
});
