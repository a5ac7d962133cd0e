import type { ChannelModel } from 'amqplib';
import { Redis } from 'ioredis';
import { depthOnRabbitmq } from '../../broker/events/queue-depth.ts';
import { channelsOf } from '../../broker/events/rabbitmq-dead-letters.ts';
import { queueOf } from '../../broker/events/topology.ts';
import type { Env } from '../../broker/process/config.ts';
import { openSystem } from '../events/commands.ts';
import { subscribingServices } from '../events/declare-events.ts';
import { clockFinding, fine, runCheck, wrong, type Finding } from './finding.ts';

/** More events wait in a queue than a short burst leaves. */
const WAITING_MAX = 10_000;
const CLOCK_LIMIT_MS = 1_000;
const CONNECT_MS = 2_000;

const queueFindings = async (model: ChannelModel, service: string): Promise<Finding[]> => {
  const about = `events of ${service}`;
  const depth = await depthOnRabbitmq(channelsOf(model), service);
  if (!depth) {
    const text = `There is no queue ${queueOf(service)}: events for ${service} stay in outboxes.`;
    return [wrong(about, text, `Start ${service}, or run npm run events -- upgrade.`)];
  }
  const { waiting, dead, consumers } = depth;
  const text = `${waiting} events wait, ${consumers} processes consume.`;
  const main_ =
    consumers === 0
      ? wrong(about, text, `Start ${service}: after EVENTS_KEPT_DAYS its events are in no backup.`)
      : waiting > WAITING_MAX
        ? wrong(about, text, `See the log of ${service}, or give it more processes.`)
        : fine(about, text);
  if (dead === 0) return [main_];
  const remedy = `npm run events -- dead ${service} shows why, and replay returns them`;
  return [main_, wrong(about, `${dead} events are dead letters.`, remedy)];
};

/** Checks RabbitMQ and the queues of all subscribing services. */
export const checkRabbitmq = (env: Env): Promise<Finding[]> =>
  runCheck('rabbitmq', async () => {
    const { model, definitions, close } = await openSystem(env);
    try {
      if (!model) return [];
      const { version } = model.connection.serverProperties as { version?: string };
      const findings = [fine('rabbitmq', `RabbitMQ ${version} answers.`)];
      for (const { service } of subscribingServices(definitions))
        findings.push(...(await queueFindings(model, service)));
      return findings;
    } finally {
      await close();
    }
  });

/** Checks Redis. */
export const checkRedis = (url: string): Promise<Finding[]> =>
  runCheck('redis', async () => {
    const client = new Redis(url, {
      lazyConnect: true,
      connectTimeout: CONNECT_MS,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const sentMs = Date.now();
      const [seconds, micros] = await client.time();
      const offsetMs = Number(seconds) * 1_000 + Number(micros) / 1_000 - (sentMs + Date.now()) / 2;
      const version = /redis_version:(\S+)/.exec(await client.info('server'))?.[1];
      return [fine('redis', `Redis ${version} answers.`), clockFinding('redis', offsetMs, CLOCK_LIMIT_MS)];
    } finally {
      client.disconnect();
    }
  });
