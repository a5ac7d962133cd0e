import type { ChannelModel, ConfirmChannel } from 'amqplib';
import type { Logger } from '../process/logger.ts';
import { backoffMs } from '../process/backoff.ts';
import { RECONNECT } from './reconnect.ts';

/** amqplib's confirm channel; without `confirm` its confirm callbacks are never called. */
export type OpenChannel = ConfirmChannel;

export type ChannelOptions = {
  /** Shown in the log. */
  name: string;
  /** Whether RabbitMQ confirms messages published on this channel. */
  confirm?: boolean;
  /** Declares and consumes. Runs on every new channel before others use it. */
  setUp(channel: OpenChannel): Promise<void>;
  /**
   * Called when the channel is lost, with or without its connection; its deliveries can no longer be
   * acknowledged.
   */
  lost?(): void;
};

export type AmqpChannel = {
  /** The open channel after its set-up, or null. */
  current(): OpenChannel | null;
  /** Resolves when the channel has been set up for the first time. */
  ready: Promise<void>;
  close(): Promise<void>;
  /** Called by the connection. */
  connected(model: ChannelModel): void;
  lost(): void;
};

/**
 * A channel that is reopened after it was closed, alone or with its connection. RabbitMQ closes a channel for
 * one wrong frame; without this the process would live on without receiving anything.
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
  let resolveReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (resolveReady = resolve));

  const gone = () => {
    if (!current) return;
    current = null;
    lost?.();
  };

  const reopenLater = () => {
    const timer = setTimeout(() => void open(), backoffMs(RECONNECT, attempt++));
    timer.unref();
  };

  const open = async (): Promise<void> => {
    const on = model();
    if (!on || opening || current || closed) return;
    opening = true;
    try {
      const channel = (confirm ? await on.createConfirmChannel() : await on.createChannel()) as OpenChannel;
      let alive = true;
      channel.on('error', (error) => log.warn({ err: error, channel: name }, 'AMQP channel failed'));
      channel.on('handler-error', (error) => log.error({ err: error }, 'AMQP handler failed'));
      channel.on('close', () => {
        alive = false;
        if (current !== channel) return;
        gone();
        if (!closed && model() === on) reopenLater();
      });
      await setUp(channel);
      if (!alive) throw new Error('closed while it was set up');
      current = channel;
      attempt = 0;
      resolveReady();
    } catch (error) {
      log.warn({ err: error, channel: name }, 'AMQP channel could not be set up');
      if (!closed && model()) reopenLater();
    } finally {
      opening = false;
      // The connection may be open again while the old one's channel was still failing.
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
