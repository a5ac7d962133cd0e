import { setTimeout as wait } from 'node:timers/promises';
import type { Room } from '../../../broker/room.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { SocketMessage } from '../../../shared/contracts/realtime.ts';
import { channelOf, SHARDS, shardOf } from '../messages/shards.ts';
import { countSent } from '../metrics.ts';
import { readAfter, type StoredMessage } from '../persistence/messages.ts';
import type { Connection, Connections } from './connections.ts';
import { isClogged, spaceOf } from './insides.ts';
import { say } from './say.ts';

/** At most so many messages of a user are read at once; fewer than may wait at a socket. */
const BATCH = 250;
/** A notification dies with a process that committed and did not live to send it: everybody is looked at. */
const POLL_MS = 2_000;
/** How soon to look again at a socket that is sent nothing because too much waits to be read. */
const BEHIND_MS = 20;
/** So many shards are read for by one query: a quarter of the users. */
const SHARDS_AT_ONCE = SHARDS / 4;
const REST_MAX_MS = 100;

export type Delivery = {
  /** There may be news for the users of this shard. */
  wake(shard: number): void;
  /** Hears of news from now on; gives back what ends it. */
  start(): () => void;
};

type Ended = (connection: Connection) => void;
type Readers = {
  /** Sockets that can be sent something, by user. */
  ready: Map<UserId, Connection[]>;
  /** The oldest number that one of them has, by user. */
  positions: Map<UserId, number>;
  /** Shards with a socket that is sent nothing because too much waits to be read. */
  behind: Set<number>;
};

const readersOf = (connections: Connections, shards: readonly number[]): Readers => {
  const readers: Readers = { ready: new Map(), positions: new Map(), behind: new Set() };
  for (const shard of shards) {
    for (const [userId, mine] of connections.ofShard(shard)) {
      const ready = mine.filter((connection) => {
        if (connection.seq === null) return false;
        const clogged = isClogged(connection.socket.conn);
        connection.cloggedSinceMs = clogged ? (connection.cloggedSinceMs ?? performance.now()) : null;
        if (clogged) readers.behind.add(shard);
        return !clogged;
      });
      if (ready.length === 0) continue;
      readers.ready.set(userId, ready);
      readers.positions.set(userId, Math.min(...ready.map(({ seq }) => seq ?? 0)));
    }
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
 * once. One query at a time reads for all users of some shards with news, and rests as long as it took, so
 * that much news makes larger reads and not more of them.
 * @param lost ends a socket whose messages are not all there any more
 */
export const openDelivery = (
  { db, log }: Pick<Room, 'db' | 'log'>,
  connections: Connections,
  lost: Ended,
): Delivery => {
  const woken = new Set<number>();
  const waiting = new Set<number>();
  let running = false;

  /** A socket is behind its reader, who may have caught up soon. */
  const wakeLater = (shard: number): void => {
    if (waiting.has(shard)) return;
    waiting.add(shard);
    setTimeout(() => {
      waiting.delete(shard);
      wake(shard);
    }, BEHIND_MS).unref();
  };

  const read = async (shards: readonly number[]): Promise<void> => {
    const { ready, positions, behind } = readersOf(connections, shards);
    behind.forEach(wakeLater);
    if (positions.size === 0) return;
    for (const [userId, news] of byUser(await readAfter(db, positions, BATCH))) {
      for (const connection of ready.get(userId) ?? [])
        if (deliver(connection, news, lost)) woken.add(shardOf(userId));
    }
  };

  const run = async (): Promise<void> => {
    running = true;
    while (woken.size > 0) {
      const startedMs = performance.now();
      const shards = [...woken].slice(0, SHARDS_AT_ONCE);
      for (const shard of shards) woken.delete(shard);
      await read(shards).catch((error: unknown) => {
        log.warn({ err: error }, 'messages could not be read; the slow poll tries again');
      });
      await wait(Math.min(REST_MAX_MS, performance.now() - startedMs));
    }
    running = false;
  };

  const wake = (shard: number): void => {
    woken.add(shard);
    if (!running) void run();
  };

  return {
    wake,
    start: () => {
      for (let shard = 0; shard < SHARDS; shard++) db.listen(channelOf(shard), () => wake(shard));
      let next = 0;
      const timer = setInterval(() => wake(next++ % SHARDS), POLL_MS / SHARDS).unref();
      return () => clearInterval(timer);
    },
  };
};

/** Looks for news of one user. */
export const wakeFor = ({ wake }: Delivery, userId: UserId): void => wake(shardOf(userId));
