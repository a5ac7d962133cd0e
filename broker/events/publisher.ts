import type { Amqp } from '../amqp/connection.ts';
import { AppError } from '../calls/errors.ts';
import { observeConfirm } from '../telemetry/metrics.ts';
import { declareExchange } from './topology.ts';
import type { Outgoing } from './wire.ts';

/** Generous for a working broker; one that is short of memory or disk never confirms. */
const CONFIRM_LIMIT_MS = 5_000;

export type Publisher = {
  isOpen(): boolean;
  onOpen(callback: () => void): void;
  /**
   * Publishes messages in order without waiting in between.
   * @returns the messages that RabbitMQ routed to no queue; only those with `mandatory` are ever returned
   * @throws AppError `unavailable` unless RabbitMQ confirms all of them
   */
  send(messages: readonly Outgoing[]): Promise<Outgoing[]>;
  close(): Promise<void>;
};

/**
 * Publishes with confirms, on its own channel.
 * @param prepare runs before each new channel is used
 */
export const openPublisher = async (amqp: Amqp, prepare: () => Promise<void>): Promise<Publisher> => {
  const openCallbacks: (() => void)[] = [];
  /** Tags of messages that came back. RabbitMQ returns a message before it confirms it. */
  const returned = new Set<string>();
  let lastTag = 0;
  const channel = await amqp.channel({
    name: 'events out',
    confirm: true,
    setUp: async (opened) => {
      returned.clear();
      await declareExchange(opened);
      await prepare();
      opened.on('return', ({ properties }) => returned.add(String(properties.correlationId)));
      // The channel is in use after its set-up, which is about to end.
      setImmediate(() => openCallbacks.forEach((callback) => callback()));
    },
  });

  const isOpen = () => channel.current() !== null && !amqp.blocked();

  const send: Publisher['send'] = (messages) =>
    new Promise((resolve, reject) => {
      const open = channel.current();
      if (!open || !isOpen()) return reject(new AppError('unavailable', { retryAfterS: 1 }));
      if (messages.length === 0) return resolve([]);
      const unrouted: Outgoing[] = [];
      let missing = messages.length;
      const startedMs = performance.now();
      const took = () => (performance.now() - startedMs) / 1_000;
      let failed = false;
      const fail = (cause: unknown) => {
        clearTimeout(timer);
        // A lost channel fails each of its messages.
        if (!failed) observeConfirm('failed', took());
        failed = true;
        reject(new AppError('unavailable', { retryAfterS: 1 }, { cause }));
      };
      const timer = setTimeout(() => fail(new Error('RabbitMQ did not confirm in time')), CONFIRM_LIMIT_MS);
      const publish = (message: Outgoing): void => {
        const { exchange, routingKey, content, options } = message;
        const correlationId = String(++lastTag);
        open.publish(exchange, routingKey, content, { ...options, correlationId }, (error) => {
          if (returned.delete(correlationId)) unrouted.push(message);
          if (error) return fail(error);
          missing -= 1;
          if (missing > 0) return;
          clearTimeout(timer);
          if (!failed) observeConfirm('ok', took());
          resolve(unrouted);
        });
      };
      try {
        messages.forEach(publish);
      } catch (error) {
        fail(error);
      }
    });

  return { isOpen, onOpen: (callback) => void openCallbacks.push(callback), send, close: channel.close };
};
