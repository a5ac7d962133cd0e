import type { ConsumeMessage } from 'amqplib';
import type { OpenChannel } from '../amqp/channel.ts';

export type RawDelivery = { channel: OpenChannel; raw: ConsumeMessage };

/** Delivered this often without being settled, a message may be the one that ends the process each time. */
const SUSPECT_DELIVERIES = 2;

const isSuspect = ({ raw }: RawDelivery): boolean =>
  Number(raw.properties.headers?.['x-delivery-count'] ?? 0) >= SUSPECT_DELIVERIES;

/** Any one of several, taken out of `all`. */
const takeAny = (all: RawDelivery[], among: readonly RawDelivery[]): RawDelivery => {
  const chosen = among[Math.floor(Math.random() * among.length)] as RawDelivery;
  all.splice(all.indexOf(chosen), 1);
  return chosen;
};

/**
 * Runs deliveries, some at once, and acknowledges each on the channel that brought it.
 *
 * A message that ends its process takes along what else was delivered to it, and RabbitMQ counts a delivery
 * for all. So suspects run alone and in an order left to chance: those that do no harm are settled before, in
 * one of the next lives of the process, and only the harmful one reaches the limit.
 * @param run resolves to true when the delivery may be acknowledged, false to leave it to RabbitMQ; where it
 *   would wait it asks `isWanted` whether that still makes sense
 */
export const startConsumer = (
  concurrency: number,
  run: (delivery: RawDelivery, isWanted: () => boolean) => Promise<boolean>,
) => {
  const waiting: RawDelivery[] = [];
  const running = new Set<Promise<void>>();
  let channel: OpenChannel | null = null;
  let activeTag: string | null = null;
  let isAlone = false;
  let stopped = false;

  const takeNext = (): RawDelivery | undefined => {
    const suspects = waiting.filter(isSuspect);
    if (suspects.length === 0) return running.size < concurrency ? waiting.shift() : undefined;
    if (running.size > 0) return undefined;
    isAlone = true;
    return takeAny(waiting, suspects);
  };

  const settle = async (delivery: RawDelivery): Promise<void> => {
    const isWanted = () => !stopped && delivery.channel === channel;
    if (!(await run(delivery, isWanted))) return;
    try {
      delivery.channel.ack(delivery.raw);
    } catch {
      // The channel is gone: RabbitMQ delivers it again, and the inbox knows it.
    }
  };

  const goOn = (): void => {
    while (!stopped && !isAlone) {
      const delivery = takeNext();
      if (!delivery) return;
      const one = settle(delivery).finally(() => {
        running.delete(one);
        isAlone = false;
        goOn();
      });
      running.add(one);
    }
  };

  return {
    /** Deliveries come from this channel from now on. */
    open: (opened: OpenChannel): void => {
      waiting.length = 0;
      channel = opened;
    },
    consuming: (consumerTag: string): void => {
      activeTag = consumerTag;
    },
    add: (delivery: RawDelivery): void => {
      if (delivery.channel !== channel || stopped) return;
      waiting.push(delivery);
      goOn();
    },
    lost: (): void => {
      channel = null;
      waiting.length = 0;
    },
    /** Takes no more and waits for what runs; what waits goes back to the queue with the channel. */
    stop: async (): Promise<void> => {
      stopped = true;
      waiting.length = 0;
      if (channel && activeTag) await channel.cancel(activeTag).catch(() => undefined);
      await Promise.all(running);
    },
  };
};
