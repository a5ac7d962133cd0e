import type { ConsumeMessage } from 'amqplib';
import type { OpenChannel } from '../amqp/channel.ts';

export type RawDelivery = { channel: OpenChannel; raw: ConsumeMessage };

/** A message with this many unsettled deliveries may be the one that ends the process each time. */
const SUSPECT_DELIVERIES = 2;

const isSuspect = ({ raw }: RawDelivery): boolean =>
  Number(raw.properties.headers?.['x-delivery-count'] ?? 0) >= SUSPECT_DELIVERIES;

/** Removes and returns a random one. */
const takeAny = (all: RawDelivery[], among: readonly RawDelivery[]): RawDelivery => {
  const chosen = among[Math.floor(Math.random() * among.length)] as RawDelivery;
  all.splice(all.indexOf(chosen), 1);
  return chosen;
};

const acknowledge = ({ channel, raw }: RawDelivery): void => {
  try {
    channel.ack(raw);
  } catch {
    // The channel is lost: RabbitMQ redelivers, and the inbox recognizes the event.
  }
};

/**
 * Runs deliveries with limited concurrency and acknowledges each on its own channel.
 * A message that ends its process causes RabbitMQ to redeliver, and count, all other unsettled messages too.
 * Suspects therefore run alone and in random order: harmless ones are settled over a few restarts, and only
 * the harmful one reaches the delivery limit.
 * @param run resolves to true when the delivery may be acknowledged, false to leave it to RabbitMQ; before
 *   waiting it checks `isWanted`
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
    if (await run(delivery, isWanted)) acknowledge(delivery);
  };

  const startWaiting = (): void => {
    while (!stopped && !isAlone) {
      const delivery = takeNext();
      if (!delivery) return;
      const one = settle(delivery).finally(() => {
        running.delete(one);
        isAlone = false;
        startWaiting();
      });
      running.add(one);
    }
  };

  return {
    /** Uses this channel for deliveries from now on. */
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
      startWaiting();
    },
    lost: (): void => {
      channel = null;
      waiting.length = 0;
    },
    /**
     * Accepts no more deliveries and waits for the running ones; queued ones return to RabbitMQ with the
     * channel.
     */
    stop: async (): Promise<void> => {
      stopped = true;
      waiting.length = 0;
      if (channel && activeTag) await channel.cancel(activeTag).catch(() => undefined);
      await Promise.all(running);
    },
  };
};
