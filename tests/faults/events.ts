import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type ConfirmChannel, type GetMessage } from 'amqplib';
import { EXCHANGE, queueOf } from '../../broker/events/topology.ts';
import { PASSWORD } from '../system/accounts.ts';
import { clientOf } from '../system/client.ts';
import { until } from '../system/timing.ts';
import type { Platform, System } from './system.ts';

/** Opens a channel with the operator's login. */
export const openEvents = async (
  system: System,
): Promise<{ channel: ConfirmChannel; close: () => Promise<void> }> => {
  const url = (system.env['RABBITMQ_URL'] ?? '').split(',')[0] ?? '';
  const connection = await connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  return { channel, close: () => connection.close().catch(() => undefined) };
};

/** Counts the events of a routing pattern by routing key and id of their subject. */
export const countEvents = async (system: System, pattern: string) => {
  const { channel, close } = await openEvents(system);
  const { queue } = await channel.assertQueue('', { exclusive: true });
  await channel.bindQueue(queue, EXCHANGE, pattern);
  const seen = new Map<string, number>();
  await channel.consume(
    queue,
    (message) => {
      if (!message) return;
      const { id = '' } = JSON.parse(message.content.toString()) as { id?: string };
      const name = `${message.fields.routingKey} ${id}`;
      seen.set(name, (seen.get(name) ?? 0) + 1);
    },
    { noAck: true },
  );
  return { seen, close };
};

/** Removes and returns all messages of a queue. */
export const takeAll = async (channel: ConfirmChannel, queue: string): Promise<GetMessage[]> => {
  const taken: GetMessage[] = [];
  for (let message = await channel.get(queue, { noAck: true }); message;) {
    taken.push(message);
    message = await channel.get(queue, { noAck: true });
  }
  return taken;
};

let registered = 0;

/** Registers an account and waits until payments has handled the event. @returns milliseconds */
export const assertEventsFlow = async (system: System, limitMs = 5_000): Promise<number> => {
  const email = `registered-${process.pid}-${Date.now()}-${registered++}@example.com`;
  const client = clientOf(system.urls);
  const body = { email, name: 'Event Probe', password: PASSWORD };
  let { status, text } = await client.post('/api/auth/register', body);
  // Not idempotent: after a lost response the next try may find the account.
  for (let tries = 0; status >= 500 && tries < 20; tries++) {
    await sleep(200);
    ({ status, text } = await client.post('/api/auth/register', body));
  }
  if (status !== 201 && status !== 409) throw new Error(`register answered ${status}: ${text}`);
  const db = system.database('payments');
  return until(`payments handles the event of ${email}`, limitMs, async () => {
    const { rowCount } = await db.query('select from parties where email = $1', [email]);
    return rowCount === 1;
  });
};

type QueueLine = { name: string; messages: number; consumers: number };

const SERVICE_QUEUES = ['payments', 'realtime'];

const BACKLOG_LIMIT_MS = 60_000;

/**
 * Finds processes that run without consuming: each process must have one consumer on its request queue and no
 * message left in it, and each subscribing service one consumer per process on its event queue. A backlog of
 * events, of the load before, has a minute to be handled.
 * @throws Error after 10 s, or a minute
 */
export const assertConsumers = async (system: System, broker = 1): Promise<void> => {
  const { units } = await system.stack.status();
  const processes = units.filter(({ kind }) => kind === 'process');
  const list = async (): Promise<QueueLine[]> => {
    const args = ['list_queues', 'name', 'messages', 'consumers', '--formatter', 'json'];
    return JSON.parse(await system.stack.rabbitmqctl(args, broker)) as QueueLine[];
  };
  const eventQueues = (queues: readonly QueueLine[]) =>
    SERVICE_QUEUES.map((service) => ({
      wanted: processes.filter((unit) => unit.service === service).length,
      ...(queues.find(({ name }) => name === queueOf(service)) ?? {
        name: queueOf(service),
        messages: 0,
        consumers: 0,
      }),
    }));
  let wrong = '';
  const isWhole = async (): Promise<boolean> => {
    const queues = await list();
    const missing = processes.filter(
      ({ name }) =>
        !queues.some(
          (queue) =>
            queue.name.startsWith(`MOL.REQ.${name}-`) && queue.consumers === 1 && queue.messages === 0,
        ),
    );
    const idle = eventQueues(queues).filter(({ consumers, wanted }) => consumers !== wanted);
    wrong = [...missing, ...idle].map(({ name }) => name).join(', ');
    return wrong === '';
  };
  const areEmpty = async (): Promise<boolean> => {
    const waiting = eventQueues(await list()).filter(({ messages }) => messages > 0);
    wrong = waiting.map(({ name, messages }) => `${name}: ${messages} messages`).join(', ');
    return wrong === '';
  };
  const untilRight = (what: string, limitMs: number, isRight: () => Promise<boolean>) =>
    until(() => `${what} (${wrong})`, limitMs, isRight);
  await untilRight('every process consumes', 10_000, isWhole);
  await untilRight('all events are handled', BACKLOG_LIMIT_MS, areEmpty);
};

/** Waits until all outboxes are empty. @returns milliseconds */
export const waitForEmptyOutbox = (system: Platform, limitMs = 10_000): Promise<number> => {
  let waiting = '';
  return until(
    () => `the outboxes are empty (${waiting})`,
    limitMs,
    async () => {
      for (const service of ['auth', 'payments', 'profile'] as const) {
        const db = system.database(service);
        const { rows } = await db.query<{ rows: number }>('select count(*)::int as rows from outbox');
        waiting = `${service}: ${rows[0]?.rows} events`;
        if (rows[0]?.rows !== 0) return false;
      }
      return true;
    },
  );
};
