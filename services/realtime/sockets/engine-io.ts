import type { Duplex } from 'node:stream';
import type { Server, Socket } from 'socket.io';

/** A socket.io connection below its namespaces: an engine.io socket. */
export type Conn = Socket['conn'];

/**
 * Fields of engine.io that it does not export: its write buffer, and the WebSocket of a WebSocket transport.
 */
type Internals = {
  writeBuffer: { data?: string }[];
  transport: { socket?: { bufferedAmount: number; terminate(): void; _socket?: Duplex } };
};

const PACKETS_MAX = 500;
const BYTES_MAX = 512 * 1_024;
/** How long the client has to take part in closing. */
const CLOSE_LIMIT_MS = 1_000;

/** The space that is left in a connection's write buffers; 0 or less when it is full. */
export const spaceOf = (conn: Conn): { packets: number; bytes: number } => {
  const { writeBuffer, transport } = conn as unknown as Internals;
  let waitingBytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) waitingBytes += data?.length ?? 0;
  return { packets: PACKETS_MAX - writeBuffer.length, bytes: BYTES_MAX - waitingBytes };
};

export const isFull = (conn: Conn): boolean => {
  const { packets, bytes } = spaceOf(conn);
  return packets <= 0 || bytes <= 0;
};

/** Closes a connection at once, whether its client reads or not. */
export const closeNow = (conn: Conn): void => {
  conn.close(true);
  (conn as unknown as Internals).transport.socket?.terminate();
};

/**
 * Closes a connection after 1 s: `ws` would wait 30 s for a client that does not read, and keep its buffers.
 */
export const closeSoon = (conn: Conn): void => void setTimeout(closeNow, CLOSE_LIMIT_MS, conn).unref();

/** Applies the same limit to long polling, where engine.io waits 30 s for the client's next request. */
export const limitPollingClose = (conn: Conn): void =>
  void Object.assign(conn.transport, { closeTimeout: CLOSE_LIMIT_MS });

/** Writes all packets that engine.io flushes to a WebSocket by one system call instead of one for each. */
export const corkFlushes = ({ engine }: Server): void => {
  const duplexOf = (conn: Conn) => (conn as unknown as Internals).transport.socket?._socket;
  engine.on('flush', (conn: Conn) => duplexOf(conn)?.cork());
  engine.on('drain', (conn: Conn) => duplexOf(conn)?.uncork());
};
