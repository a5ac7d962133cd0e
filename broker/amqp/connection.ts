import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Channel, type ChannelModel } from 'amqplib';
import { ConfigError } from '../process/config.ts';
import type { Logger } from '../process/logger.ts';
import { backoffMs } from '../process/backoff.ts';
import { writeTogether } from '../process/write-together.ts';
import { RECONNECT } from './reconnect.ts';
import { openChannel, type AmqpChannel, type ChannelOptions } from './channel.ts';

/** Heartbeat interval; both sides close the connection after two missed ones. */
const HEARTBEAT_S = 1;
/** Time limit for the login: a RabbitMQ that is just starting may drop a connection silently. */
const CONNECT_LIMIT_MS = 1_000;
/** How long a starting process waits for RabbitMQ. */
const FIRST_CONNECT_LIMIT_MS = 5_000;
const CLOSE_LIMIT_MS = 1_000;

export type Amqp = {
  /** The user of this process's login. */
  user: string;
  connected(): boolean;
  /** RabbitMQ's version, of the present or the last connection. */
  version(): string;
  /** Whether RabbitMQ has asked publishers to stop (memory or disk alarm). */
  blocked(): boolean;
  /** Opens a channel that is reopened after a loss and set up each time; resolves after the first set-up. */
  channel(options: ChannelOptions): Promise<AmqpChannel>;
  /**
   * Runs `work` on a channel that is closed afterwards. Rejects when RabbitMQ refuses something, which closes
   * only this channel, and when there is no connection.
   */
  once<T>(work: (channel: Channel) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

export type AmqpOptions = {
  /** One address, or those of a cluster, tried in turn. */
  urls: readonly string[];
  /** Shown in RabbitMQ's list of connections. */
  name: string;
  log: Logger;
};

const addressOf = (url: URL): string => `${url.hostname}:${url.port || 5672}`;

const parseUrl = (text: string): URL => {
  try {
    const url = new URL(text);
    if (url.protocol === 'amqp:' || url.protocol === 'amqps:') return url;
  } catch {
    // Reported below without the text, which may contain a password.
  }
  throw new ConfigError('RABBITMQ_URL must be an amqp:// address, or several with commas between them');
};

/** A failed connection as a sentence for operators, without the password. */
const sentenceOf = (error: unknown, url: URL): string => {
  const { message = '', code = '' } = (error ?? {}) as { message?: string; code?: string };
  if (/ACCESS.REFUSED|403/.test(message))
    return `RabbitMQ at ${addressOf(url)} refuses the login of ${url.username}: wrong user name or password`;
  if (/NOT.ALLOWED|530/.test(message))
    return `RabbitMQ at ${addressOf(url)} refuses ${url.username} access to vhost ${url.pathname.slice(1)}`;
  return `RabbitMQ at ${addressOf(url)} cannot be reached (${code || message || 'no answer'})`;
};

/** Only temporary failures are retried at the start; a wrong password is not. */
const isFinal = (sentence: string): boolean => !sentence.endsWith(')');

/**
 * Opens a connection to the next address.
 * @throws ConfigError with a sentence for operators
 */
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
      if (tries === 0) log.warn(`${(error as Error).message}; retrying`);
      await sleep(backoffMs(RECONNECT, tries));
    }
  }
};

/** Retries until the connection is open; null if it is no longer needed. */
const connectAgain = async (
  tryNext: Connect,
  isWanted: () => boolean,
  log: Logger,
): Promise<ChannelModel | null> => {
  log.warn('not connected to RabbitMQ; reconnecting');
  let lastWarning = '';
  for (let tries = 0; isWanted(); tries++) {
    await sleep(backoffMs(RECONNECT, tries));
    try {
      const opened = await tryNext();
      log.info({ tries: tries + 1 }, 'connected to RabbitMQ again');
      return opened;
    } catch (error) {
      // One log line per reason, not one per attempt.
      const sentence = (error as Error).message;
      if (sentence !== lastWarning) log.warn(sentence);
      lastWarning = sentence;
    }
  }
  return null;
};

/**
 * Opens the process's connection to RabbitMQ and keeps it open: after a loss it reconnects after 0.1 to 1 s
 * with jitter, to the next of the given addresses, and sets up its channels again.
 * @throws ConfigError in one sentence when RabbitMQ refuses the login or is unreachable for five seconds
 */
export const connectAmqp = async ({ urls, name, log }: AmqpOptions): Promise<Amqp> => {
  const addresses = urls.map(parseUrl);
  const tryNext = connector(addresses, name);
  let model: ChannelModel | null = null;
  let version = '';
  let blocked = false;
  let closed = false;
  const channels = new Set<AmqpChannel>();

  const use = (opened: ChannelModel): void => {
    model = opened;
    version = String((opened.connection.serverProperties as { version?: unknown }).version);
    blocked = false;
    writeTogether((opened.connection as unknown as { stream: Socket }).stream);
    opened.on('error', (error) => log.warn({ err: error }, 'connection to RabbitMQ failed'));
    opened.on('handler-error', (error) => log.error({ err: error }, 'AMQP handler failed'));
    opened.on('blocked', (reason) => {
      blocked = true;
      log.warn({ reason }, 'RabbitMQ blocks publishing');
    });
    opened.on('unblocked', () => {
      blocked = false;
    });
    opened.on('close', () => {
      if (model !== opened) return;
      model = null;
      for (const channel of channels) channel.lost();
      if (!closed) void reconnect();
    });
    for (const channel of channels) channel.connected(opened);
  };

  const reconnect = async (): Promise<void> => {
    const opened = await connectAgain(tryNext, () => !closed, log);
    if (closed) await opened?.close().catch(() => undefined);
    else if (opened) use(opened);
  };

  use(await connectFirst(tryNext, log));
  return {
    user: decodeURIComponent(addresses[0]?.username ?? ''),
    connected: () => model !== null,
    version: () => version,
    blocked: () => blocked,
    channel: async (options) => {
      const channel = openChannel(options, () => model, log);
      channels.add(channel);
      await channel.ready;
      return channel;
    },
    once: async (work) => {
      if (!model) throw new Error('not connected to RabbitMQ');
      const channel = await model.createChannel();
      // The pending operation is rejected; an unhandled event would end the process.
      channel.on('error', () => undefined);
      try {
        return await work(channel);
      } finally {
        await channel.close().catch(() => undefined);
      }
    },
    close: async () => {
      closed = true;
      await Promise.all([...channels].map((channel) => channel.close()));
      const limit = sleep(CLOSE_LIMIT_MS, undefined, { ref: false });
      await Promise.race([model?.close().catch(() => undefined), limit]);
    },
  };
};
