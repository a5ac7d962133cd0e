import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { Logger } from '../process/logger.ts';
import { batch, openSignals, type About, type Batch } from './signals.ts';

/**
 * A NOTIFY costs a round trip and a lock that all notifying transactions share: it is sent seldom and outside
 * of transactions, for processes that have no part in the change.
 */
const REMOTE_DELAY_MS = 10;
const RECONNECT_MS = 500;
/** A payload is limited to 8,000 bytes. */
const PAYLOAD_MAX = 7_500;

export type Notifications = {
  notify(channel: string, about: string): void;
  listen(channel: string, listener: (about: About) => void): void;
  close(): Promise<void>;
};

/** One NOTIFY: its sender and subjects, separated by spaces. */
type Notification = { channel: string; payload: string };
type Send = (notifications: readonly Notification[]) => Promise<void>;

/** Combines subjects into as few notifications as the size limit allows. */
const notificationsOf = (pending: Batch, from: string): Notification[] =>
  [...pending].flatMap(([channel, about]) => {
    const payloads: string[] = [];
    let payload = from;
    for (const one of about) {
      if (payload.length + one.length >= PAYLOAD_MAX) {
        payloads.push(payload);
        payload = from;
      }
      payload += ` ${one}`;
    }
    return [...payloads, payload].map((text) => ({ channel, payload: text }));
  });

/**
 * Signals between processes on one database, over LISTEN and NOTIFY on a connection that reconnects by
 * itself; listeners are also called after each reconnection. Every use has a slow poll behind it.
 */
export const openNotifications = (
  options: { url: string; name: string; log: Logger },
  send: Send,
): Notifications => {
  const { log } = options;
  const self = randomUUID();
  const here = openSignals();
  let closed = false;

  const connection = keepListening(options, {
    channels: here.names,
    // Listeners of this process were called already.
    received: (channel, payload) => {
      const [from, ...about] = payload.split(' ');
      if (from !== self) here.emit(channel, new Set(about));
    },
    connected: () => here.names().forEach((channel) => here.emit(channel, null)),
  });
  const sendToOthers = batch(REMOTE_DELAY_MS, (pending) => {
    if (closed) return;
    send(notificationsOf(pending, self)).catch((error: unknown) => {
      log.warn({ err: error }, 'notification was not sent; the next poll finds the work');
    });
  });

  return {
    notify: (channel, about) => {
      here.send(channel, about);
      sendToOthers(channel, about);
    },
    listen: (channel, listener) => {
      const isNew = !here.names().includes(channel);
      here.subscribe(channel, listener);
      if (isNew) connection.add(channel);
    },
    close: async () => {
      closed = true;
      await connection.close();
    },
  };
};

type Listening = {
  channels: () => string[];
  received: (channel: string, payload: string) => void;
  connected: () => void;
};

/** The listening connection; opened with the first channel and reopened when lost. */
const keepListening = (
  { url, name, log }: { url: string; name: string; log: Logger },
  { channels, received, connected }: Listening,
) => {
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let isConnected = false;
  // A client runs one statement at a time.
  let last: Promise<unknown> = Promise.resolve();
  const listenOn = (on: Client, channel: string) => {
    last = last.then(() => on.query(`listen "${channel}"`));
    return last;
  };

  const reconnectLater = () => {
    client = null;
    isConnected = false;
    if (!closed) timer ??= setTimeout(connect, RECONNECT_MS).unref();
  };

  const connect = () => {
    timer = null;
    const settings = { connectionString: url, application_name: `payloom ${name} listener`, keepAlive: true };
    const mine = new Client(settings);
    client = mine;
    mine.on('error', (error) => log.warn({ err: error }, 'notification connection lost'));
    mine.on('end', () => mine === client && reconnectLater());
    mine.on('notification', ({ channel, payload = '' }) => received(channel, payload));
    mine
      .connect()
      .then(async () => {
        last = Promise.resolve();
        await Promise.all(channels().map((channel) => listenOn(mine, channel)));
        isConnected = true;
        connected();
      })
      .catch((error: unknown) => {
        log.warn({ err: error }, 'notification connection could not be opened');
        if (mine === client) reconnectLater();
        mine.end().catch(() => undefined);
      });
  };

  return {
    add: (channel: string) => {
      if (!client && !timer) connect();
      else if (client && isConnected) listenOn(client, channel).catch(() => undefined);
    },
    close: async () => {
      closed = true;
      if (timer) clearTimeout(timer);
      const mine = client;
      client = null;
      await mine?.end().catch(() => undefined);
    },
  };
};
