import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { Logger } from '../process/logger.ts';
import { backoffMs } from './backoff.ts';

/** amqplib's confirm channel; where `confirm` was not asked for its callbacks are never called. */
export type OpenChannel = ConfirmChannel;

export type ChannelOptions = {
  /** For the log. */
  name: string;
  /** Whether RabbitMQ confirms what is published here. */
  confirm?: boolean;
  /** Declares and consumes; runs on every new channel, which is used by others only after it. */
  setUp(channel: OpenChannel): Promise<void>;
  /** Told when the channel is gone, with or without its connection; acknowledgements die with it. */
  lost?(): void;
};

export type AmqpChannel = {
  /** The open channel, set up; null while there is none. */
  current(): OpenChannel | null;
  /** Resolves when the channel was set up for the first time. */
  ready: Promise<void>;
  close(): Promise<void>;
  /** Told by the connection. */
  connected(model: ChannelModel): void;
  lost(): void;
};

/**
 * A channel that is opened again after it was closed, alone or with its connection: what RabbitMQ closes for
 * one wrong frame must not leave a process that lives and hears nothing.
 */
export const openChannel = (
  { name, confirm = false, setUp, lost }: ChannelOptions,
  model: () => ChannelModel | null,
  log: Logger,
): AmqpChannel => {
  let current: OpenChannel | null = null;
  let attempt = 0;
  let closed = false;
  let opening = false;
  let tellReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (tellReady = resolve));

  const gone = () => {
    if (!current) return;
    current = null;
    lost?.();
  };

  const again = () => {
    const timer = setTimeout(() => void open(), backoffMs(attempt++));
    timer.unref();
  };

  const open = async (): Promise<void> => {
    const on = model();
    if (!on || opening || current || closed) return;
    opening = true;
    try {
      const channel = (confirm ? await on.createConfirmChannel() : await on.createChannel()) as OpenChannel;
      let alive = true;
      channel.on('error', (error) => log.warn({ err: error, channel: name }, 'an AMQP channel broke'));
      channel.on('handler-error', (error) => log.error({ err: error }, 'an AMQP handler failed'));
      channel.on('close', () => {
        alive = false;
        if (current !== channel) return;
        gone();
        if (!closed && model() === on) again();
      });
      await setUp(channel);
      if (!alive) throw new Error('closed while it was set up');
      current = channel;
      attempt = 0;
      tellReady();
    } catch (error) {
      log.warn({ err: error, channel: name }, 'an AMQP channel could not be set up');
      if (!closed && model()) again();
    } finally {
      opening = false;
      // The connection may have come back while the old one's channel was still failing.
      if (!current && !closed && model() !== null && model() !== on) void open();
    }
  };

  void open();
  return {
    current: () => current,
    ready,
    connected: () => void open(),
    lost: gone,
    close: async () => {
      closed = true;
      const channel = current;
      current = null;
      await channel?.close().catch(() => undefined);
    },
  };
};
