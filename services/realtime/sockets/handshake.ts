import type { IncomingMessage } from 'node:http';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import type { Service } from '../../../broker/process/service.ts';
import { SOCKET_CALL, SOCKET_CALLER_HEADER } from '../../../shared/contracts/realtime.ts';
import { countEnded, countRefused } from '../metrics.ts';
import type { RealtimeService } from '../realtime.ts';
import { drop, dropSoon, endInTime, type Conn } from './insides.ts';

/** A client has nothing to send: to connect, to answer pings and to leave is all. */
const PACKETS_MAX = 20;
const PACKETS_WINDOW_MS = 10_000;
/** socket.io's acknowledgements, plain and binary; we never ask for one. */
const ACKNOWLEDGEMENTS = ['3', '6'];

/** Somebody who has a connection and may not have been let in yet. */
export type Guest = {
  /** What the gateway says of them. */
  openAssertion: ReturnType<Service['openAssertion']>;
  address: string;
  /** There were too many connections of this address already when it came. */
  isTooMany: boolean;
  packets: number;
  sinceMs: number;
};

/** The connections of this process, from the handshake on. */
export type Guests = {
  /** Whether a handshake may go on, for engine.io. */
  letIn(request: IncomingMessage, answer: (error: string | null, success: boolean) => void): void;
  /** A handshake has become a connection. */
  seat(conn: Conn): void;
  of(conn: Conn): Guest | undefined;
};

type Packet = { type: string; data?: unknown };

/** Counts what a guest sends; whether that is too much, or nothing that a client of ours would send. */
const isUnruly = (guest: Guest, { type, data }: Packet): boolean => {
  const nowMs = performance.now();
  if (nowMs - guest.sinceMs > PACKETS_WINDOW_MS) Object.assign(guest, { packets: 0, sinceMs: nowMs });
  guest.packets += 1;
  const isAnswer = type === 'message' && typeof data === 'string' && ACKNOWLEDGEMENTS.includes(data[0] ?? '');
  return isAnswer || guest.packets > PACKETS_MAX;
};

/** How many connections each address has. */
const counter = () => {
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

export const receiveGuests = ({
  openAssertion,
  config,
}: Pick<RealtimeService, 'openAssertion' | 'config'>): Guests => {
  const expected = new WeakMap<IncomingMessage, Guest>();
  const guests = new WeakMap<Conn, Guest>();
  const addresses = counter();
  const { socketsPerAddress } = config;

  const readAssertion = ({ headers }: IncomingMessage): Guest => {
    const assertion = headers[SOCKET_CALLER_HEADER];
    const said = openAssertion(SOCKET_CALL, typeof assertion === 'string' ? assertion : '');
    const address = said.envelope.address ?? '';
    return { openAssertion: said, address, isTooMany: false, packets: 0, sinceMs: performance.now() };
  };

  // One function for all connections, each of which it finds as `this`: a closure for each takes memory.
  function onPacket(this: Conn, packet: Packet): void {
    const guest = guests.get(this);
    if (!guest || !isUnruly(guest, packet)) return;
    countEnded('unruly');
    drop(this);
  }

  function onClose(this: Conn, reason: string): void {
    const guest = guests.get(this);
    guests.delete(this);
    // Who has not read a ping would read nothing else.
    if (reason === 'ping timeout') drop(this);
    else dropSoon(this);
    if (guest) addresses.remove(guest.address);
  }

  return {
    letIn: (request, answer) => {
      try {
        const guest = readAssertion(request);
        // Who is over the limit is told so once connected; whoever goes on all the same is not even heard.
        if (addresses.of(guest.address) >= 2 * socketsPerAddress) throw new AppError('too_many_connections');
        expected.set(request, guest);
        answer(null, true);
      } catch (error) {
        countRefused(isAppError(error) ? error.code : 'internal');
        answer('Forbidden', false);
      }
    },
    seat: (conn) => {
      const guest = expected.get(conn.request);
      if (!guest) return drop(conn);
      guests.set(conn, guest);
      guest.isTooMany = addresses.add(guest.address) > socketsPerAddress;
      endInTime(conn);
      conn.on('packet', onPacket);
      conn.on('close', onClose);
      // The request has been read; kept with its headers it is the largest part of a connection.
      Object.assign(conn, { request: null });
    },
    of: (conn) => guests.get(conn),
  };
};
