import type { Amqp } from '../amqp/connection.ts';
import { AppError } from '../calls/errors.ts';
import { declareExchange } from './topology.ts';
import type { Outgoing } from './wire.ts';

/** Generous for a working broker; one that is short of memory or disk never confirms. */
const CONFIRM_LIMIT_MS = 5_000;

export type Publisher = {
  isOpen(): boolean;
  onOpen(callback: () => void): void;
  /**
   * Publishes messages in order without waiting in between.
   * @throws AppError `unavailable` unless RabbitMQ confirms all of them
   */
  send(messages: readonly Outgoing[]): Promise<void>;
  close(): Promise<void>;
};

/** Publishes with confirms, on its own channel. */
export const openPublisher = async (amqp: Amqp): Promise<Publisher> => {
  const openCallbacks: (() => void)[] = [];
  const channel = await amqp.channel({
    name: 'events out',
    confirm: true,
    setUp: async (opened) => {
      await declareExchange(opened);
      // The channel is in use after its set-up, which is about to end.
      setImmediate(() => openCallbacks.forEach((callback) => callback()));
    },
  });

  const isOpen = () => channel.current() !== null && !amqp.blocked();

  const send: Publisher['send'] = (messages) =>
    new Promise((resolve, reject) => {
      const open = channel.current();
      if (!open || !isOpen()) return reject(new AppError('unavailable', { retryAfterS: 1 }));
      let missing = messages.length;
      const fail = (cause: unknown) => {
        clearTimeout(timer);
        reject(new AppError('unavailable', { retryAfterS: 1 }, { cause }));
      };
      const timer = setTimeout(() => fail(new Error('RabbitMQ did not confirm in time')), CONFIRM_LIMIT_MS);
      const confirmed = (error: unknown) => {
        if (error) return fail(error);
        missing -= 1;
        if (missing > 0) return;
        clearTimeout(timer);
        resolve();
      };
      try {
        for (const { exchange, routingKey, content, options } of messages)
          open.publish(exchange, routingKey, content, options, confirmed);
      } catch (error) {
        fail(error);
      }
      if (messages.length === 0) confirmed(null);
    });

  return { isOpen, onOpen: (callback) => void openCallbacks.push(callback), send, close: channel.close };
};
