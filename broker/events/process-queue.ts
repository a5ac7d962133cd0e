import type { Message } from 'amqplib';
import type { Amqp } from '../amqp/connection.ts';
import { inRequest } from '../calls/request-context.ts';
import { countEvent } from '../telemetry/metrics.ts';
import type { Subscription } from './hub.ts';
import { deliver, inEvent, openEvent } from './inbox.ts';
import { reportUnhandled } from './retry.ts';
import { declareExchange, EXCHANGE, processQueueOf } from './topology.ts';
import { decode, requestOf } from './wire.ts';
import type { Worker } from '../process/worker.ts';

const PREFETCH = 100;

type Context = { amqp: Amqp; trusted: readonly string[]; nodeId: string };

/**
 * Consumes a queue that is deleted with the connection. Events published without a connection are missed;
 * `resubscribed` then makes the service read its state again.
 */
export const consumeProcessQueue = async <R>(
  subscription: Subscription<R>,
  { amqp, trusted, nodeId }: Context,
): Promise<Worker> => {
  const { name, service, subscribers, log, afterHandled, disconnected, resubscribed } = subscription;
  const byEvent = new Map(subscribers.map((subscriber) => [subscriber.event.name, subscriber]));
  const queue = processQueueOf(name, nodeId);
  let wasSetUp = false;

  const handle = async (raw: Message) => {
    try {
      const opened = openEvent(byEvent, decode(raw, name, trusted));
      await inEvent(name, opened.message, () => deliver(service, opened, undefined as never));
      countEvent(name, raw.fields.routingKey, 'handled');
      await afterHandled?.(raw.fields.routingKey, opened.message.payload);
    } catch (error) {
      countEvent(name, raw.fields.routingKey, 'dead');
      inRequest(requestOf(raw), () => {
        log.error({ err: error, event: raw.fields.routingKey }, 'event was not handled');
        reportUnhandled(name, raw.fields.routingKey, error);
      });
    }
  };

  const channel = await amqp.channel({
    name: queue,
    lost: disconnected,
    setUp: async (open) => {
      await declareExchange(open);
      await open.prefetch(PREFETCH);
      await open.assertQueue(queue, { exclusive: true, durable: false, autoDelete: true });
      for (const event of byEvent.keys()) await open.bindQueue(queue, EXCHANGE, event);
      await open.consume(
        queue,
        (raw) => {
          // RabbitMQ has deleted the queue, for example with its node.
          if (!raw) return void open.close().catch(() => undefined);
          void handle(raw).finally(() => {
            try {
              open.ack(raw);
            } catch {
              // The channel is lost, and the queue with it.
            }
          });
        },
        { exclusive: true },
      );
      if (wasSetUp) resubscribed?.();
      wasSetUp = true;
    },
  });
  return { wake: () => undefined, stop: channel.close };
};
