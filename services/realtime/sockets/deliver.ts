import { setTimeout as wait } from 'node:timers/promises';
import { batch } from '../../../broker/postgres/signals.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { SocketMessage } from '../../../shared/contracts/realtime.ts';
import { MESSAGES_CHANNEL } from '../messages/send.ts';
import { countSent } from '../metrics.ts';
import { readAfter, type StoredMessage } from '../persistence/messages.ts';
import type { Connection, Connections } from './connections.ts';
import { isClogged, spaceOf } from './insides.ts';
import { say } from './emit.ts';

/** At most so many messages of a user are read at once; fewer than may wait at a socket. */
const BATCH = 250;
/** A notification dies with a process that committed and did not live to send it: everybody is looked at. */
const POLL_MS = 2_000;
/** In so many turns. */
const POLL_TURNS = 4;
/** How soon to look again at a socket that is sent nothing because too much waits to be read. */
const BEHIND_MS = 20;
/** For so many users one query reads. */
const USERS_AT_ONCE = 250;
const REST_MAX_MS = 100;

export type Delivery = {
  /** There may be news for these users. */
  wake(userIds: Iterable<UserId>): void;
  /** Hears of news from now on; gives back what ends it. */
  start(): () => void;
};

/** When a user is looked at without news; the end of a UUIDv7 is random. */
const turnOf = (userId: UserId): number => Number.parseInt(userId.slice(-1), 16) % POLL_TURNS;

type Ended = (connection: Connection) => void;
type Readers = {
  /** Sockets that can be sent something, by user. */
  ready: Map<UserId, Connection[]>;
  /** The oldest number that one of them has, by user. */
  positions: Map<UserId, number>;
  /** Users with a socket that is sent nothing because too much waits to be read. */
  behind: UserId[];
};

const readersOf = (connections: Connections, userIds: readonly UserId[]): Readers => {
  const readers: Readers = { ready: new Map(), positions: new Map(), behind: [] };
  for (const userId of userIds) {
    const ready: Connection[] = [];
    for (const connection of connections.of(userId)) {
      if (connection.seq === null) continue;
      const clogged = isClogged(connection.socket.conn);
      connection.cloggedSinceMs = clogged ? (connection.cloggedSinceMs ?? performance.now()) : null;
      if (clogged) readers.behind.push(userId);
      else ready.push(connection);
    }
    if (ready.length === 0) continue;
    readers.ready.set(userId, ready);
    readers.positions.set(userId, Math.min(...ready.map(({ seq }) => seq ?? 0)));
  }
  return readers;
};

type News = { message: SocketMessage; bytes: number };

/** Sends a socket what it has not been sent yet, as far as its reader keeps up; whether something is left. */
const deliver = (connection: Connection, news: readonly News[], lost: Ended): boolean => {
  const { socket } = connection;
  const space = spaceOf(socket.conn);
  for (const { message, bytes } of news) {
    if (connection.seq === null || !socket.connected) return false;
    if (message.seq <= connection.seq) continue;
    if (message.seq !== connection.seq + 1) {
      // Numbers have no gaps, unless the rest was forgotten meanwhile: it comes back and reads again.
      lost(connection);
      return false;
    }
    if (space.packets <= 0 || space.bytes <= 0) return true;
    space.packets -= 1;
    space.bytes -= bytes;
    connection.seq = message.seq;
    say(socket, 'message', message);
    countSent(message.name);
  }
  return news.length === BATCH;
};

const byUser = (stored: readonly StoredMessage[]): Map<UserId, News[]> => {
  const all = new Map<UserId, News[]>();
  for (const { userId, seq, at, name, payload } of stored) {
    const mine = all.get(userId) ?? [];
    const message = { seq, at: at.toISOString(), name, payload: JSON.parse(payload) as unknown };
    mine.push({ message, bytes: payload.length });
    all.set(userId, mine);
  }
  return all;
};

/**
 * Brings messages from the streams to the sockets of this process: each in the order of its numbers, each
 * once. One query at a time reads for all users with news, and rests as long as it took, so that much news
 * makes larger reads and not more of them.
 * @param lost ends a socket whose messages are not all there any more
 */
export const openDelivery = (
  { db, log }: Pick<Service, 'db' | 'log'>,
  connections: Connections,
  lost: Ended,
): Delivery => {
  const woken = new Set<UserId>();
  let running = false;

  const read = async (userIds: readonly UserId[]): Promise<void> => {
    const { ready, positions, behind } = readersOf(connections, userIds);
    for (const userId of behind) wakeLater(userId);
    if (positions.size === 0) return;
    for (const [userId, news] of byUser(await readAfter(db, positions, BATCH))) {
      for (const connection of ready.get(userId) ?? [])
        if (deliver(connection, news, lost)) woken.add(userId);
    }
  };

  const run = async (): Promise<void> => {
    running = true;
    while (woken.size > 0) {
      const startedMs = performance.now();
      const userIds = [...woken].slice(0, USERS_AT_ONCE);
      for (const userId of userIds) woken.delete(userId);
      await read(userIds).catch((error: unknown) => {
        log.warn({ err: error }, 'messages could not be read; the slow poll tries again');
      });
      await wait(Math.min(REST_MAX_MS, performance.now() - startedMs));
    }
    running = false;
  };

  const wake = (userIds: Iterable<UserId>): void => {
    for (const userId of userIds) if (connections.of(userId).length > 0) woken.add(userId);
    if (!running && woken.size > 0) void run();
  };
  /** Whoever is behind may have caught up soon. */
  const wakeLater = batch(BEHIND_MS, (told) => wake([...told.keys()] as UserId[]));

  return {
    wake,
    start: () => {
      db.listen(MESSAGES_CHANNEL, (about) =>
        wake((about as ReadonlySet<UserId> | null) ?? connections.users()),
      );
      let turn = 0;
      const timer = setInterval(() => {
        turn = (turn + 1) % POLL_TURNS;
        wake(connections.users().filter((userId) => turnOf(userId) === turn));
      }, POLL_MS / POLL_TURNS).unref();
      return () => clearInterval(timer);
    },
  };
};
