import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { Logger } from '../process/logger.ts';
import { batch, openSignals, type About, type Told } from './signals.ts';

/**
 * A NOTIFY costs a round trip and, on the server, a lock that all notifying transactions share: it is sent
 * outside them and seldom, for the processes that have nothing to do with the change themselves.
 */
const REMOTE_DELAY_MS = 10;
const RECONNECT_MS = 500;
/** A payload has to be shorter than 8,000 bytes. */
const PAYLOAD_MAX = 7_500;

export type Notifications = {
  notify(channel: string, about: string): void;
  listen(channel: string, heard: (about: About) => void): void;
  close(): Promise<void>;
};

/** One NOTIFY: who sends it and what it is about, with spaces between. */
export type Notification = { channel: string; payload: string };
type Send = (notifications: readonly Notification[]) => Promise<void>;

/** As few notifications as their size allows. */
const notificationsOf = (told: Told, from: string): Notification[] =>
  [...told].flatMap(([channel, about]) => {
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
 * Signals between processes on one database, over LISTEN and NOTIFY on a connection of their own that comes
 * back by itself; listeners are also told after each reconnection. Whoever relies on one has a slow poll
 * behind it.
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
    // Our own were told already.
    heard: (channel, payload) => {
      const [from, ...about] = payload.split(' ');
      if (from !== self) here.tellNow(channel, new Set(about));
    },
    back: () => here.names().forEach((channel) => here.tellNow(channel, null)),
  });
  const tellOthers = batch(REMOTE_DELAY_MS, (told) => {
    if (closed) return;
    send(notificationsOf(told, self)).catch((error: unknown) => {
      log.warn({ err: error }, 'a notification was not sent; the slow poll will find the work');
    });
  });

  return {
    notify: (channel, about) => {
      here.tell(channel, about);
      tellOthers(channel, about);
    },
    listen: (channel, heard) => {
      const isNew = !here.names().includes(channel);
      here.hear(channel, heard);
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
  heard: (channel: string, payload: string) => void;
  back: () => void;
};

/** The connection that listens; opened with the first channel, and again whenever it is lost. */
const keepListening = (
  { url, name, log }: { url: string; name: string; log: Logger },
  { channels, heard, back }: Listening,
) => {
  let client: Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;
  let connected = false;
  // One statement after the other: a client runs no two at once.
  let last: Promise<unknown> = Promise.resolve();
  const say = (on: Client, channel: string) => {
    last = last.then(() => on.query(`listen "${channel}"`));
    return last;
  };

  const again = () => {
    client = null;
    connected = false;
    if (!closed) timer ??= setTimeout(connect, RECONNECT_MS).unref();
  };

  const connect = () => {
    timer = null;
    const settings = { connectionString: url, application_name: `payloom ${name} listener`, keepAlive: true };
    const mine = new Client(settings);
    client = mine;
    mine.on('error', (error) => log.warn({ err: error }, 'the notification connection was lost'));
    mine.on('end', () => mine === client && again());
    mine.on('notification', ({ channel, payload = '' }) => heard(channel, payload));
    mine
      .connect()
      .then(async () => {
        last = Promise.resolve();
        await Promise.all(channels().map((channel) => say(mine, channel)));
        connected = true;
        back();
      })
      .catch((error: unknown) => {
        log.warn({ err: error }, 'no notification connection yet');
        if (mine === client) again();
        mine.end().catch(() => undefined);
      });
  };

  return {
    add: (channel: string) => {
      if (!client && !timer) connect();
      else if (client && connected) say(client, channel).catch(() => undefined);
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
