import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { batch } from '../../../broker/postgres/signals.ts';
import type { Service } from '../../../broker/process/service.ts';
import { parseTraceparent, traceparentOf } from '../../../broker/telemetry/trace-context.ts';
import { startSpan, type Span } from '../../../broker/telemetry/tracing.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { SocketMessage } from '../../../shared/contracts/realtime.ts';
import { MESSAGES_CHANNEL } from '../messages/send.ts';
import { countSent } from '../metrics.ts';
import { readAfter, type StoredMessage } from '../persistence/messages.ts';
import { closeConnection } from './close-connection.ts';
import type { Connection, Connections } from './connections.ts';
import { emitTo } from './emit.ts';
import { isFull, spaceOf } from './engine-io.ts';

/** The most messages of a user that one query reads; less than a socket's buffer holds. */
const BATCH = 250;
/** Each user is polled at this interval, because a process may die after a commit and before its NOTIFY. */
const POLL_MS = 2_000;
/** The users are polled in this many parts, spread over the interval. */
const POLL_PARTS = 4;
/** When to try a socket with a full buffer again. */
const FULL_RETRY_MS = 20;
/** The most users for whom one query reads. */
const USERS_PER_QUERY = 250;
const PAUSE_MAX_MS = 100;

export type Delivery = {
  /** Reads and sends the messages of these users, of whom some may have none. */
  wake(userIds: Iterable<UserId>): void;
  /** Starts to listen for new messages and to poll; returns the function that stops the polling. */
  start(): () => void;
};

/** The part of the poll to which a user belongs; the end of a UUIDv7 is random. */
const pollPartOf = (userId: UserId): number => Number.parseInt(userId.slice(-1), 16) % POLL_PARTS;

type Readers = {
  /** Sockets with space in their buffers, by user. */
  ready: Map<UserId, Connection[]>;
  /** The lowest position of these sockets, by user. */
  positions: Map<UserId, number>;
  /** Users with a socket whose buffer is full. */
  full: UserId[];
};

const readersOf = (connections: Connections, userIds: readonly UserId[]): Readers => {
  const readers: Readers = { ready: new Map(), positions: new Map(), full: [] };
  for (const userId of userIds) {
    const ready: Connection[] = [];
    for (const connection of connections.of(userId)) {
      if (connection.seq === null) continue;
      const full = isFull(connection.socket.conn);
      connection.fullSinceMs = full ? (connection.fullSinceMs ?? performance.now()) : null;
      if (full) readers.full.push(userId);
      else ready.push(connection);
    }
    if (ready.length === 0) continue;
    readers.ready.set(userId, ready);
    readers.positions.set(userId, Math.min(...ready.map(({ seq }) => seq ?? 0)));
  }
  return readers;
};

type Outgoing = { message: SocketMessage; bytes: number; span: Span | null };

/** Sends a socket its next messages while its buffer has space; returns whether some may be left. */
const deliver = (
  connections: Connections,
  connection: Connection,
  messages: readonly Outgoing[],
): boolean => {
  const { socket } = connection;
  const space = spaceOf(socket.conn);
  for (const { message, bytes } of messages) {
    if (connection.seq === null || !socket.connected) return false;
    if (message.seq <= connection.seq) continue;
    if (message.seq !== connection.seq + 1) {
      // Numbers have no gaps: the messages between were purged. The client reconnects and reads everything.
      closeConnection(connections, connection, 'restart');
      return false;
    }
    if (space.packets <= 0 || space.bytes <= 0) return true;
    space.packets -= 1;
    space.bytes -= bytes;
    connection.seq = message.seq;
    emitTo(socket, 'message', message);
    countSent(message.name);
  }
  return messages.length === BATCH;
};

const byUser = (stored: readonly StoredMessage[]): Map<UserId, Outgoing[]> => {
  const all = new Map<UserId, Outgoing[]>();
  for (const { userId, seq, at, name, payload, traceparent } of stored) {
    const own = all.get(userId) ?? [];
    const message: SocketMessage = { seq, at: at.toISOString(), name, payload: JSON.parse(payload) };
    const trace = parseTraceparent(traceparent);
    const span = trace && startSpan(`send ${name}`, { kind: 'producer' }, trace);
    // A client should not know whether a trace is exported: without a span there is an id like one.
    const spanId = span?.trace.spanId ?? randomBytes(8).toString('hex');
    if (trace) message.traceparent = traceparentOf({ traceId: trace.traceId, spanId, sampled: false });
    own.push({ message, bytes: payload.length, span });
    all.set(userId, own);
  }
  return all;
};

/**
 * Sends stored messages to the sockets of this process, each once and in the order of its stream. One query
 * at a time reads for all users that were woken, and pauses as long as it took, so that more messages make
 * larger reads and not more of them.
 */
export const openDelivery = (
  { db, log }: Pick<Service, 'db' | 'log'>,
  connections: Connections,
): Delivery => {
  const woken = new Set<UserId>();
  let running = false;

  const read = async (userIds: readonly UserId[]): Promise<void> => {
    const { ready, positions, full } = readersOf(connections, userIds);
    for (const userId of full) wakeLater(userId);
    if (positions.size === 0) return;
    for (const [userId, messages] of byUser(await readAfter(db, positions, BATCH))) {
      for (const connection of ready.get(userId) ?? [])
        if (deliver(connections, connection, messages)) woken.add(userId);
      for (const { span } of messages) span?.end();
    }
  };

  const run = async (): Promise<void> => {
    running = true;
    while (woken.size > 0) {
      const startedMs = performance.now();
      const userIds = [...woken].slice(0, USERS_PER_QUERY);
      for (const userId of userIds) woken.delete(userId);
      await read(userIds).catch((error: unknown) => {
        log.warn({ err: error }, 'messages could not be read; the next poll retries');
      });
      await sleep(Math.min(PAUSE_MAX_MS, performance.now() - startedMs));
    }
    running = false;
  };

  const wake = (userIds: Iterable<UserId>): void => {
    for (const userId of userIds) if (connections.of(userId).length > 0) woken.add(userId);
    if (!running && woken.size > 0) void run();
  };
  const wakeLater = batch(FULL_RETRY_MS, (names) => wake([...names.keys()] as UserId[]));

  return {
    wake,
    start: () => {
      db.listen(MESSAGES_CHANNEL, (about) =>
        wake((about as ReadonlySet<UserId> | null) ?? connections.users()),
      );
      let part = 0;
      const timer = setInterval(() => {
        part = (part + 1) % POLL_PARTS;
        wake(connections.users().filter((userId) => pollPartOf(userId) === part));
      }, POLL_MS / POLL_PARTS).unref();
      return () => clearInterval(timer);
    },
  };
};
