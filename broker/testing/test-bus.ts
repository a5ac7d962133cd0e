import { fork, type ChildProcess } from 'node:child_process';
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBroker } from 'moleculer';
import moleculerConfig from '../../moleculer.config.ts';
import type { Action, ParamsOf } from '../../shared/contracts/contract.ts';
import type { ChannelOptions, OpenChannel } from '../amqp/channel.ts';
import { connectAmqp, type Amqp } from '../amqp/connection.ts';
import { send, type CallOptions, type Origin } from '../calls/call.ts';
import { systemClock } from '../process/clock.ts';
import { processEnv } from '../process/config.ts';
import { implement } from '../calls/implement.ts';
import { createLogger } from '../process/logger.ts';
import { amqpTransport, type AmqpTransportOptions } from '../transport/amqp-transport.ts';
import { handlers, shop } from './shop-service.ts';
import { eventually } from './eventually.ts';

export type BusProcess = {
  broker: ServiceBroker;
  amqp: Amqp;
  origin: Origin;
  call<A extends Action>(
    action: A,
    params: ParamsOf<A>,
    as?: Partial<CallOptions>,
  ): ReturnType<typeof send<A>>;
  /** Has RabbitMQ close the channel of its calls, as it does for a wrong acknowledgement. */
  breakChannel(): void;
  stop(): Promise<void>;
};

export type BusOptions = {
  url: string;
  /** 32 bytes, base64url: the key of all services. */
  key: string;
  nodeId: string;
  /** Serves the shop, which leaves its traces here; without it the process only calls. */
  folder?: string;
  transport?: Partial<AmqpTransportOptions>;
};

/** A process on the bus, without the rest of `runServices`. */
export const joinTestBus = async ({
  url,
  key,
  nodeId,
  folder,
  transport,
}: BusOptions): Promise<BusProcess> => {
  const log = createLogger({ level: processEnv()['TEST_LOG'] ?? 'silent' });
  const amqp = await connectAmqp({ urls: [url], name: nodeId, log });
  let last: OpenChannel | null = null;
  const setUpOf = (options: ChannelOptions) => (channel: OpenChannel) => {
    last = channel;
    return options.setUp(channel);
  };
  const watched: Amqp = {
    ...amqp,
    channel: (options) => amqp.channel({ ...options, setUp: setUpOf(options) }),
  };
  const broker = new ServiceBroker({
    ...moleculerConfig,
    ...amqpTransport({ amqp: watched, clock: systemClock, log, ...transport }),
    nodeID: nodeId,
    logger: false,
  });
  const secret = createSecretKey(key, 'base64url');
  const origin: Origin = { broker, keys: () => secret, clock: systemClock, service: 'gateway' };
  if (folder) {
    broker.createService({ name: 'shop', actions: implement(shop, handlers, { nodeId, folder }, origin) });
  }
  await broker.start();
  let calls = 0;
  return {
    broker,
    amqp,
    origin,
    call: (action, given, as) =>
      send(origin, action, given, { caller: null, requestId: `${nodeId}:${++calls}`, ...as }),
    breakChannel: () => last?.ack({ fields: { deliveryTag: 999_999 } } as never),
    stop: async () => {
      await broker.stop();
      await amqp.close();
    },
  };
};

export const newKey = (): string => randomBytes(32).toString('base64url');

/** The processes of one test and what they leave behind. */
export type TestBus = {
  /** A bus member in this process: a caller, or with a `folder` a shop. */
  join(options?: Partial<BusOptions>): Promise<BusProcess>;
  serve(options?: Partial<BusOptions>): Promise<BusProcess>;
  /** A shop in a process of its own. */
  spawn(options?: Partial<BusOptions>): Promise<ChildProcess>;
  /** Waits until `member` sees this many shops. */
  sees(member: BusProcess, count: number): Promise<unknown>;
  shopsSeenBy(member: BusProcess): number;
  /** The handler starts, in order: keys and request ids. */
  executions(): string[];
  effects(): string[];
  end(): Promise<void>;
};

const runShop = async (options: BusOptions): Promise<ChildProcess> => {
  const child = fork('broker/testing/shop-process.ts', [JSON.stringify(options)], { execArgv: [] });
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', reject);
  });
  return child;
};

export const testBus = (url: string): TestBus => {
  const key = newKey();
  const folder = mkdtempSync(join(tmpdir(), 'payloom-bus-'));
  const children = new Set<ChildProcess>();
  const members = new Set<BusProcess>();
  const nodeId = (service: string) => `${service}-1-${randomBytes(3).toString('hex')}`;
  const enter: TestBus['join'] = async (options) => {
    const member = await joinTestBus({ url, key, nodeId: nodeId('gateway'), ...options });
    members.add(member);
    return member;
  };
  const shopsSeenBy = ({ broker }: BusProcess): number =>
    broker.registry.nodes.list({ onlyAvailable: true }).filter(({ id }) => id.startsWith('shop-')).length;
  return {
    join: enter,
    serve: (options) => enter({ nodeId: nodeId('shop'), folder, ...options }),
    spawn: async (options) => {
      const child = await runShop({ url, key, nodeId: nodeId('shop'), folder, ...options });
      children.add(child);
      return child;
    },
    shopsSeenBy,
    sees: (member, count) => eventually(() => shopsSeenBy(member) === count),
    executions: () =>
      readdirSync(folder).includes('executed')
        ? readFileSync(join(folder, 'executed'), 'utf8').trim().split('\n')
        : [],
    effects: () => readdirSync(folder).filter((name) => name.startsWith('effect-')),
    end: async () => {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([...members].map((member) => member.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
