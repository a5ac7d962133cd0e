import type { Duplex } from 'node:stream';
import type { Server, Socket } from 'socket.io';

/** A socket.io connection below its namespaces: an engine.io socket. */
export type Conn = Socket['conn'];

/** What engine.io keeps to itself, and we have to know: what waits, and the WebSocket if it is one. */
type Insides = {
  writeBuffer: { data?: string }[];
  transport: { socket?: { bufferedAmount: number; terminate(): void; _socket?: Duplex } };
};

const PACKETS_MAX = 500;
const BYTES_MAX = 512 * 1_024;

/** How much may be added to what waits to be read; not more than 0 where nothing is to be. */
export const spaceOf = (conn: Conn): { packets: number; bytes: number } => {
  const { writeBuffer, transport } = conn as unknown as Insides;
  let waitingBytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) waitingBytes += data?.length ?? 0;
  return { packets: PACKETS_MAX - writeBuffer.length, bytes: BYTES_MAX - waitingBytes };
};

export const isClogged = (conn: Conn): boolean => {
  const { packets, bytes } = spaceOf(conn);
  return packets <= 0 || bytes <= 0;
};

/** Ends a connection at once, whether its other end reads or not. */
export const drop = (conn: Conn): void => {
  conn.close(true);
  (conn as unknown as Insides).transport.socket?.terminate();
};

/** Writes all that engine.io sends a WebSocket at a time by one call; it would make one for each message. */
export const writeTogether = ({ engine }: Server): void => {
  const wireOf = (conn: Conn) => (conn as unknown as Insides).transport.socket?._socket;
  engine.on('flush', (conn: Conn) => wireOf(conn)?.cork());
  engine.on('drain', (conn: Conn) => wireOf(conn)?.uncork());
};

/** How long the other end has to say its own closeConnection. */
const LINGER_MS = 1_000;

/** A WebSocket waits half a minute for the other end; one that does not read would keep its memory. */
export const dropSoon = (conn: Conn): void => void setTimeout(drop, LINGER_MS, conn).unref();

/** So does long polling for the other end's next question. */
export const endInTime = (conn: Conn): void =>
  void Object.assign(conn.transport, { closeTimeout: LINGER_MS });
