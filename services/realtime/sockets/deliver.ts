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
const BEHIND_MS = 50;

export type Delivery = {
  /** There may be news for the users of this shard. */
  wake(shard: number): void;
  /** Hears of news from now on; gives back what ends it. */
  start(): () => void;
};

type Ended = (connection: Connection) => void;

/** Sockets that can be sent something, each user's with the oldest number that one of them has. */
const readersOf = (users: ReadonlyMap<UserId, readonly Connection[]>) => {
  const readers = new Map<UserId, Connection[]>();
  const positions = new Map<UserId, number>();
  let isBehind = false;
  for (const [userId, mine] of users) {
    const ready = mine.filter((connection) => {
      if (connection.seq === null) return false;
      const clogged = isClogged(connection.socket.conn);
      connection.cloggedSinceMs = clogged ? (connection.cloggedSinceMs ?? performance.now()) : null;
      isBehind ||= clogged;
      return !clogged;
    });
    if (ready.length === 0) continue;
    readers.set(userId, ready);
    positions.set(userId, Math.min(...ready.map(({ seq }) => seq ?? 0)));
  }
  return { readers, positions, isBehind };
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
 * once. Each shard is read by one query at a time; news that come meanwhile make it read once more.
 * @param lost ends a socket whose messages are not all there any more
 */
export const openDelivery = (
  { db, log }: Pick<Room, 'db' | 'log'>,
  connections: Connections,
  lost: Ended,
): Delivery => {
  const reading = new Array<boolean>(SHARDS).fill(false);
  const woken = new Array<boolean>(SHARDS).fill(false);
  const waiting = new Set<number>();

  /** A socket is behind its reader, who may have caught up soon. */
  const later = (shard: number): void => {
    if (waiting.has(shard)) return;
    waiting.add(shard);
    setTimeout(() => {
      waiting.delete(shard);
      wake(shard);
    }, BEHIND_MS).unref();
  };

  /** Answers whether there may be more. */
  const read = async (shard: number): Promise<boolean> => {
    const { readers, positions, isBehind } = readersOf(connections.ofShard(shard));
    if (isBehind) later(shard);
    if (positions.size === 0) return false;
    let isMore = false;
    for (const [userId, news] of byUser(await readAfter(db, positions, BATCH))) {
      for (const connection of readers.get(userId) ?? []) isMore = deliver(connection, news, lost) || isMore;
    }
    return isMore;
  };

  const run = async (shard: number): Promise<void> => {
    reading[shard] = true;
    try {
      do woken[shard] = false;
      while ((await read(shard)) || woken[shard]);
    } catch (error) {
      log.warn({ err: error }, 'messages could not be read; the slow poll tries again');
    } finally {
      reading[shard] = false;
    }
  };

  const wake = (shard: number): void => {
    woken[shard] = true;
    if (!reading[shard]) void run(shard);
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
