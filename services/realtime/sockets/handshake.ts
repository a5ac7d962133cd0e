import type { IncomingMessage } from 'node:http';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import type { Service } from '../../../broker/process/service.ts';
import { SOCKET_CALL, SOCKET_CALLER_HEADER } from '../../../shared/contracts/realtime.ts';
import { countClosed, countRefused } from '../metrics.ts';
import type { RealtimeConfig } from '../config.ts';
import { closeNow, closeSoon, limitPollingClose, type Conn } from './engine-io.ts';

/** A client sends a connect packet, pongs and a disconnect packet; more than this is not one of ours. */
const PACKETS_MAX = 20;
const PACKETS_WINDOW_MS = 10_000;
/** socket.io's packet types for acknowledgements, plain and binary; this service never asks for one. */
const ACKNOWLEDGEMENTS = ['3', '6'];

/** What is kept of a connection's handshake, also before the socket is authenticated. */
export type Handshake = {
  /** The gateway's assertion of the caller. */
  assertion: ReturnType<Service['openAssertion']>;
  address: string;
  /** Whether the address had too many connections when this one opened. */
  isOverLimit: boolean;
  packets: number;
  windowStartMs: number;
};

/** The handshakes of this process's connections. */
export type Handshakes = {
  /** engine.io's `allowRequest`: whether a handshake may become a connection. */
  allow(request: IncomingMessage, answer: (error: string | null, success: boolean) => void): void;
  /** Registers the connection of an allowed handshake. */
  open(conn: Conn): void;
  of(conn: Conn): Handshake | undefined;
};

type Packet = { type: string; data?: unknown };

/** Counts a packet; returns whether there are too many, or it is one that no client of ours sends. */
const isForbidden = (handshake: Handshake, { type, data }: Packet): boolean => {
  const nowMs = performance.now();
  if (nowMs - handshake.windowStartMs > PACKETS_WINDOW_MS)
    Object.assign(handshake, { packets: 0, windowStartMs: nowMs });
  handshake.packets += 1;
  const isAck = type === 'message' && typeof data === 'string' && ACKNOWLEDGEMENTS.includes(data[0] ?? '');
  return isAck || handshake.packets > PACKETS_MAX;
};

/** Counts the connections of each address. */
const connectionCounter = () => {
  const counts = new Map<string, number>();
  const of = (address: string) => counts.get(address) ?? 0;
  return {
    of,
    add: (address: string): number => {
      counts.set(address, of(address) + 1);
      return of(address);
    },
    remove: (address: string): void => {
      if (of(address) > 1) counts.set(address, of(address) - 1);
      else counts.delete(address);
    },
  };
};

export const openHandshakes = ({
  openAssertion,
  config: { socketsPerAddress },
}: {
  openAssertion: Service['openAssertion'];
  config: Pick<RealtimeConfig, 'socketsPerAddress'>;
}): Handshakes => {
  const allowed = new WeakMap<IncomingMessage, Handshake>();
  const handshakes = new WeakMap<Conn, Handshake>();
  const counter = connectionCounter();

  const read = ({ headers }: IncomingMessage): Handshake => {
    const header = headers[SOCKET_CALLER_HEADER];
    const assertion = openAssertion(SOCKET_CALL, typeof header === 'string' ? header : '');
    const address = assertion.envelope.address ?? '';
    return { assertion, address, isOverLimit: false, packets: 0, windowStartMs: performance.now() };
  };

  // One function for all connections, each of which is its `this`: a closure for each would take memory.
  function onPacket(this: Conn, packet: Packet): void {
    const handshake = handshakes.get(this);
    if (!handshake || !isForbidden(handshake, packet)) return;
    countClosed('forbidden_packets');
    closeNow(this);
  }

  function onClose(this: Conn, reason: string): void {
    const handshake = handshakes.get(this);
    handshakes.delete(this);
    // A client that has not read a ping does not read the closing packets either.
    if (reason === 'ping timeout') closeNow(this);
    else closeSoon(this);
    if (handshake) counter.remove(handshake.address);
  }

  return {
    allow: (request, answer) => {
      try {
        const handshake = read(request);
        // A connection over the limit gets its error code; over twice the limit the handshake is refused.
        if (counter.of(handshake.address) >= 2 * socketsPerAddress)
          throw new AppError('too_many_connections');
        allowed.set(request, handshake);
        answer(null, true);
      } catch (error) {
        countRefused(isAppError(error) ? error.code : 'internal');
        answer('Forbidden', false);
      }
    },
    open: (conn) => {
      const handshake = allowed.get(conn.request);
      if (!handshake) return closeNow(conn);
      handshakes.set(conn, handshake);
      handshake.isOverLimit = counter.add(handshake.address) > socketsPerAddress;
      limitPollingClose(conn);
      conn.on('packet', onPacket);
      conn.on('close', onClose);
      // The request with its headers would be the largest part of a connection's memory.
      Object.assign(conn, { request: null });
    },
    of: (conn) => handshakes.get(conn),
  };
};
