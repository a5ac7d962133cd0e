import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Database } from '../postgres/database.ts';
import type { EventMessage } from './event-message.ts';
import type { Subscriber } from './inbox.ts';
import type { Worker } from '../process/worker.ts';

/** A service that hears events, and how. */
export type Subscription<R = never> = {
  /** The service's name, which names its queue too. */
  name: string;
  /** Given to the subscribers. */
  service: R;
  /** Null for a service that keeps nothing: it reads its state at start and hears what follows. */
  db: Database | null;
  subscribers: readonly Subscriber<R>[];
  clock: Clock;
  log: Logger;
  /** How many events this process handles at once over RabbitMQ; to be less than the service's pool. */
  concurrency?: number;
  /** Told after the transaction of an event was committed, with the event's name. */
  afterHandled?: (event: string) => void;
  /**
   * Told that nothing is delivery from now on: only where `db` is null, when the connection is disconnected.
   */
  disconnected?: () => void;
  /**
   * Told that it hears again and that events may have been resubscribed: only where `db` is null, after a
   * connection
   * was disconnected and came back.
   */
  resubscribed?: () => void;
};

/**
 * Carries events from the services that tell them to the services that subscribe them: at least once, in no
 * promised
 * order.
 */
export type Hub = {
  /** Whether it takes events now; a relay whose hub does not leaves its outbox alone. */
  isOpen(): boolean;
  /** Told whenever it takes events again. */
  onOpen(told: () => void): void;
  /**
   * Hands events on, in their order. Resolves when every subscription service has all of them safe; rejects
   * when one
   * may not, and all are to be sent again.
   */
  publish(messages: readonly EventMessage[]): Promise<void>;
  /**
   * Starts to subscribe. Resolves when what is told from now on reaches the service; its worker's `stop`
   * waits for
   * the events that are being handled.
   */
  subscribe<R>(subscription: Subscription<R>): Promise<Worker>;
};
