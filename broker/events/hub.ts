import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Database } from '../postgres/database.ts';
import type { FactMessage } from './fact-message.ts';
import type { Listener } from './inbox.ts';
import type { Worker } from './worker.ts';

/** A room that hears facts, and how. */
export type Hearing<R = never> = {
  /** The room's name, which names its queue too. */
  name: string;
  /** Given to the listeners. */
  room: R;
  /** Null for a room that keeps nothing: it reads its state at start and hears what follows. */
  db: Database | null;
  listeners: readonly Listener<R>[];
  clock: Clock;
  log: Logger;
  /** How many facts this process handles at once over RabbitMQ; to be less than the room's pool. */
  concurrency?: number;
  /** Told after the transaction of a fact was committed, with the fact's name. */
  afterHandled?: (fact: string) => void;
  /** Told that nothing is heard from now on: only where `db` is null, when the connection is lost. */
  lost?: () => void;
  /**
   * Told that it hears again and that facts may have been missed: only where `db` is null, after a connection
   * was lost and came back.
   */
  missed?: () => void;
};

/**
 * Carries facts from the rooms that tell them to the rooms that hear them: at least once, in no promised
 * order.
 */
export type Hub = {
  /** Whether it takes facts now; a relay whose hub does not leaves its outbox alone. */
  isOpen(): boolean;
  /** Told whenever it takes facts again. */
  onOpen(told: () => void): void;
  /**
   * Hands facts on, in their order. Resolves when every hearing room has all of them safe; rejects when one
   * may not, and all are to be sent again.
   */
  publish(messages: readonly FactMessage[]): Promise<void>;
  /**
   * Starts to hear. Resolves when what is told from now on reaches the room; its worker's `stop` waits for
   * the facts that are being handled.
   */
  hear<R>(hearing: Hearing<R>): Promise<Worker>;
};
