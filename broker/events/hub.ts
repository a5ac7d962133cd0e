import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Database } from '../postgres/database.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { EventMessage } from './event-message.ts';
import type { Subscriber } from './inbox.ts';
import type { QueueDepth } from './queue-depth.ts';
import type { Worker } from '../process/worker.ts';

/** The subscriptions of one service in one process. */
export type Subscription<R = never> = {
  /** The service's name; its queue is named after it. */
  name: string;
  /** Passed to the subscribers. */
  service: R;
  /**
   * Null for subscriptions of a process, without a durable queue: it reads its state at start and handles
   * what follows.
   */
  db: Database | null;
  subscribers: readonly Subscriber<R>[];
  clock: Clock;
  log: Logger;
  /**
   * How many events this process handles concurrently over RabbitMQ; fewer than the service's pool has
   * connections.
   */
  concurrency?: number;
  /** How long an event waits for an unavailable dependency of its handler before it becomes a dead letter. */
  waitMs?: number;
  /**
   * Called with the event's name and its payload as JSON after the transaction that handled it was committed;
   * a queue's delivery is acknowledged after it.
   */
  afterHandled?: (event: string, payload: string) => Promise<void> | undefined;
  /** Called when events no longer arrive because the connection is lost; only where `db` is null. */
  disconnected?: () => void;
  /** Called when events arrive again after a loss; some may have been missed. Only where `db` is null. */
  resubscribed?: () => void;
};

/** Carries events from publishers to subscribers: at least once, in no guaranteed order. */
export type Hub = {
  /** Whether it accepts events now; otherwise the relay leaves them in the outbox. */
  isOpen(): boolean;
  /** Registers a callback for when it accepts events again. */
  onOpen(callback: () => void): void;
  /**
   * Publishes events in their order. Resolves when every subscribing service has them stored; rejects when
   * one may not have, and all must be published again.
   * @returns the events that reached no queue although services subscribe to them; they must be published
   *   again
   */
  publish(messages: readonly EventMessage[]): Promise<readonly EventMessage[]>;
  /**
   * Starts subscriptions. Resolves when events published from now on reach them. The worker's `stop` waits
   * for the events in progress.
   */
  subscribe<R>(subscription: Subscription<R>): Promise<Worker>;
  /**
   * The queue of a subscribing service of this process, with its dead letters.
   * @param db the service's database
   */
  queueOf(service: string, db: Database): ServiceQueue;
};

export type ServiceQueue = {
  /** Null where there is no queue yet. */
  depth(): Promise<QueueDepth | null>;
  deadLetters: DeadLetters;
};
