import type { Socket } from 'node:net';
import { connect, type ChannelModel } from 'amqplib';
import { ConfigError } from '../process/config.ts';
import type { Logger } from '../process/logger.ts';
import { backoffMs } from './backoff.ts';
import { openChannel, type AmqpChannel, type ChannelOptions } from './channel.ts';

/** What RabbitMQ and we say to each other at least this often; both give up after two silences. */
const HEARTBEAT_S = 1;
/** How long it may be silent while we log in: one that is just starting may forget a connection it took. */
const CONNECT_LIMIT_MS = 1_000;
/** How long a process waits at its start for a RabbitMQ that is not there yet. */
const FIRST_CONNECT_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 1_000;

export type Amqp = {
  /** The name that this process logged in with. */
  user: string;
  connected(): boolean;
  /** Whether RabbitMQ has asked everybody to stop publishing (memory or disk alarm). */
  blocked(): boolean;
  /**
   * A channel that comes back by itself, set up anew each time; resolves once it was set up for the first
   * time.
   */
  channel(options: ChannelOptions): Promise<AmqpChannel>;
  close(): Promise<void>;
};

export type AmqpOptions = {
  /** One or several brokers of a cluster, tried in turn. */
  urls: readonly string[];
  /** Shown in RabbitMQ's list of connections. */
  name: string;
  log: Logger;
};

/** Keeps the process alive, which must not end because RabbitMQ is away. */
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const placeOf = (url: URL): string => `${url.hostname}:${url.port || 5672}`;

const parseUrl = (text: string): URL => {
  try {
    const url = new URL(text);
    if (url.protocol === 'amqp:' || url.protocol === 'amqps:') return url;
  } catch {
    // Told below: the text itself may hold a password.
  }
  throw new ConfigError('RABBITMQ_URL must be an amqp:// address, or several with commas between them');
};

/** What a failed connection means to an operator, without the address's password. */
const sentenceOf = (error: unknown, url: URL): string => {
  const { message = '', code = '' } = (error ?? {}) as { message?: string; code?: string };
  if (/ACCESS.REFUSED|403/.test(message))
    return `RabbitMQ at ${placeOf(url)} refuses the login of ${url.username}: wrong user name or password`;
  if (/NOT.ALLOWED|530/.test(message))
    return `RabbitMQ at ${placeOf(url)} does not let ${url.username} into the vhost ${url.pathname.slice(1)}`;
  return `RabbitMQ at ${placeOf(url)} cannot be reached (${code || message || 'no answer'})`;
};

/** A wrong password stays wrong: only what may pass is worth another try at the start. */
const isFinal = (sentence: string): boolean => !sentence.endsWith(')');

/**
 * Sends what is written in one turn of the event loop as one: amqplib writes each frame by itself, and a
 * system call costs more than all else about a small message.
 */
const writeTogether = ({ connection }: ChannelModel): void => {
  const { stream } = connection as unknown as { stream: Socket };
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let isCorked = false;
  const uncork = () => {
    isCorked = false;
    stream.uncork();
  };
  stream.write = ((...args: unknown[]) => {
    if (!isCorked) {
      isCorked = true;
      stream.cork();
      process.nextTick(uncork);
    }
    return write(...args);
  }) as Socket['write'];
};

/** Opens a connection to the next of the addresses; throws ConfigError with the sentence for it. */
const connector = (addresses: readonly URL[], name: string) => {
  let attempt = 0;
  return async (): Promise<ChannelModel> => {
    const url = addresses[attempt++ % addresses.length] as URL;
    const withHeartbeat = new URL(url);
    withHeartbeat.searchParams.set('heartbeat', String(HEARTBEAT_S));
    try {
      return await connect(withHeartbeat.href, {
        noDelay: true,
        keepAlive: true,
        timeout: CONNECT_LIMIT_MS,
        clientProperties: { connection_name: name },
      });
    } catch (error) {
      throw new ConfigError(sentenceOf(error, url), { cause: error });
    }
  };
};

type Connect = () => Promise<ChannelModel>;

const connectFirst = async (tryNext: Connect, log: Logger): Promise<ChannelModel> => {
  const endMs = performance.now() + FIRST_CONNECT_LIMIT_MS;
  for (let tries = 0; ; tries++) {
    try {
      return await tryNext();
    } catch (error) {
      if (isFinal((error as Error).message) || performance.now() > endMs) throw error;
      if (tries === 0) log.warn(`${(error as Error).message}; trying again`);
      await sleep(backoffMs(tries));
    }
  }
};

/** Tries until it is connected again, or null when nobody wants to be any more. */
const connectAgain = async (
  tryNext: Connect,
  isWanted: () => boolean,
  log: Logger,
): Promise<ChannelModel | null> => {
  log.warn('not connected to RabbitMQ; trying again');
  let told = '';
  for (let tries = 0; isWanted(); tries++) {
    await sleep(backoffMs(tries));
    try {
      const opened = await tryNext();
      log.info({ tries: tries + 1 }, 'connected to RabbitMQ again');
      return opened;
    } catch (error) {
      // Once per reason: a broker that is away for a minute is one line, not a hundred.
      const sentence = (error as Error).message;
      if (sentence !== told) log.warn(sentence);
      told = sentence;
    }
  }
  return null;
};

/**
 * One connection to RabbitMQ that is kept: lost, it comes back after 0.1 to 1 s with jitter, at the next of
 * the given addresses; its channels are set up again each time.
 * @throws ConfigError in one sentence, when RabbitMQ refuses the login or is not there for five seconds
 */
export const connectAmqp = async ({ urls, name, log }: AmqpOptions): Promise<Amqp> => {
  const addresses = urls.map(parseUrl);
  const tryNext = connector(addresses, name);
  let model: ChannelModel | null = null;
  let blocked = false;
  let closed = false;
  const channels = new Set<AmqpChannel>();

  const use = (opened: ChannelModel): void => {
    model = opened;
    blocked = false;
    writeTogether(opened);
    opened.on('error', (error) => log.warn({ err: error }, 'the connection to RabbitMQ broke'));
    opened.on('handler-error', (error) => log.error({ err: error }, 'an AMQP handler failed'));
    opened.on('blocked', (reason) => {
      blocked = true;
      log.warn({ reason }, 'RabbitMQ takes no messages at the moment');
    });
    opened.on('unblocked', () => {
      blocked = false;
    });
    opened.on('close', () => {
      if (model !== opened) return;
      model = null;
      for (const channel of channels) channel.lost();
      if (!closed) void comeBack();
    });
    for (const channel of channels) channel.connected(opened);
  };

  const comeBack = async (): Promise<void> => {
    const opened = await connectAgain(tryNext, () => !closed, log);
    if (closed) await opened?.close().catch(() => undefined);
    else if (opened) use(opened);
  };

  use(await connectFirst(tryNext, log));
  return {
    user: decodeURIComponent(addresses[0]?.username ?? ''),
    connected: () => model !== null,
    blocked: () => blocked,
    channel: async (options) => {
      const channel = openChannel(options, () => model, log);
      channels.add(channel);
      await channel.ready;
      return channel;
    },
    close: async () => {
      closed = true;
      await Promise.all([...channels].map((channel) => channel.close()));
      const limit = new Promise((resolve) => setTimeout(resolve, CLOSE_LIMIT_MS).unref());
      await Promise.race([model?.close().catch(() => undefined), limit]);
    },
  };
};
