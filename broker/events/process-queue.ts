import type { Message } from 'amqplib';
import type { Amqp } from '../amqp/connection.ts';
import { countFact } from '../telemetry/metrics.ts';
import type { Hearing } from './hub.ts';
import { openFact, tell } from './inbox.ts';
import { declareExchange, EXCHANGE, processQueueOf } from './topology.ts';
import { decode } from './wire.ts';
import type { Worker } from './worker.ts';

const PREFETCH = 100;

type Place = { amqp: Amqp; trusted: readonly string[]; nodeId: string };

/**
 * Hears facts on a queue that ends with the connection. What is told while there is none does not come: the
 * room is told through `missed` that it is to read its state again.
 */
export const hearOnProcessQueue = async <R>(
  hearing: Hearing<R>,
  { amqp, trusted, nodeId }: Place,
): Promise<Worker> => {
  const { name, room, listeners, log, afterHandled, lost, missed } = hearing;
  const byFact = new Map(listeners.map((listener) => [listener.fact.name, listener]));
  const queue = processQueueOf(name, nodeId);
  let wasSetUp = false;

  const handle = async (raw: Message) => {
    try {
      await tell(room, openFact(byFact, decode(raw, name, trusted)), undefined as never);
      countFact(name, raw.fields.routingKey, 'handled');
      afterHandled?.(raw.fields.routingKey);
    } catch (error) {
      countFact(name, raw.fields.routingKey, 'dead');
      log.error({ err: error, fact: raw.fields.routingKey }, 'a fact was not handled');
    }
  };

  const channel = await amqp.channel({
    name: queue,
    lost,
    setUp: async (open) => {
      await declareExchange(open);
      await open.prefetch(PREFETCH);
      await open.assertQueue(queue, { exclusive: true, durable: false, autoDelete: true });
      for (const fact of byFact.keys()) await open.bindQueue(queue, EXCHANGE, fact);
      await open.consume(
        queue,
        (raw) => {
          // RabbitMQ has ended the queue, for example with the node that held it.
          if (!raw) return void open.close().catch(() => undefined);
          void handle(raw).finally(() => {
            try {
              open.ack(raw);
            } catch {
              // The channel is gone, and the queue with it.
            }
          });
        },
        { exclusive: true },
      );
      if (wasSetUp) missed?.();
      wasSetUp = true;
    },
  });
  return { wake: () => undefined, stop: channel.close };
};
