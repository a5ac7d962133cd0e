import { io, type Socket } from 'socket.io-client';
import * as z from 'zod/mini';
import type { Caller } from '../../../broker/calls/envelope.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import { newId } from '../../../broker/process/ids.ts';
import { freePort } from '../../../broker/postgres/embedded-folder.ts';
import { defineService } from '../../../broker/process/service.ts';
import {
  startServices,
  throwAwayDatabase,
  type TestServices,
} from '../../../broker/testing/start-services.ts';
import { auth, type User } from '../../../shared/contracts/auth/auth.ts';
import type { RevocationList } from '../../../shared/contracts/auth/fields.ts';
import { contract, type Event, type PayloadOf } from '../../../shared/contracts/contract.ts';
import type { SocketClose, SocketMessage, Welcome } from '../../../shared/contracts/realtime.ts';
import { SOCKET_CALL, SOCKET_CALLER_HEADER, SOCKET_PATH } from '../../../shared/contracts/realtime.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { service as realtimeService } from '../realtime.service.ts';
import type { RealtimeService } from '../realtime.ts';

export type Transport = 'websocket' | 'polling';

export type TestSocket = {
  socket: Socket;
  welcome: Welcome | null;
  messages: SocketMessage[];
  close: SocketClose['reason'] | null;
  /** Why it was not let in: a code, or a sentence where not even the handshake was accepted. */
  refused: string | null;
  closed: boolean;
};

export type SocketOptions = {
  as?: Caller;
  transport?: Transport;
  after?: number;
  /** What the client says beside. */
  auth?: Record<string, unknown>;
  version?: number;
  expiresAtMs?: number;
  address?: string;
  /** In place of the gateway's letter; null for none at all. */
  letter?: string | null;
};

type Known = User & { version: number };

const unused = async (): Promise<never> => {
  throw new AppError('unavailable');
};

/** auth with no business of its own: it knows people and what was revoked, and tells any event. */
const fakeAuth = (people: Map<string, Known>, revoked: () => Promise<RevocationList>) =>
  defineService({
    contract: auth,
    config: z.object({}),
    database: {
      env: 'AUTH_DATABASE_URL',
      migrations: new URL('../../../broker/events/no-migrations/', import.meta.url),
    },
    actions: {
      ...Object.fromEntries(Object.keys(auth.actions).map((key) => [key, unused])),
      findUser: async (_service: unknown, { params }: { params: { id?: string } }) => ({
        user: people.get(params.id ?? '') ?? null,
      }),
      revocations: revoked,
    } as never,
  });

const gateway = defineService({
  contract: contract('gateway', { actions: {}, events: {} }),
  config: z.object({}),
  actions: {},
  calls: ['realtime'],
});

/** A database that several processes of the service may share. */
export const sharedDatabase = throwAwayDatabase;

/** The service on a throw-away database, between stand-ins for auth and the gateway. */
export const startRealtime = async (
  options: { env?: Record<string, string>; clock?: Clock; revoked?: () => Promise<RevocationList> } = {},
) => {
  const port = await freePort();
  const people = new Map<string, Known>();
  const revoked = options.revoked ?? (async () => ({ sessionIds: [], staleVersions: [] }));
  const app: TestServices = await startServices([fakeAuth(people, revoked), realtimeService, gateway], {
    ...options,
    env: { REALTIME_PORT: String(port), DRAIN_MS: '0', ...options.env },
  });
  const sockets: TestSocket[] = [];
  let names = 0;

  const letter = ({ as, version = 1, expiresAtMs = Date.now() + 600_000, address }: SocketOptions) =>
    app
      .service('gateway')
      .signAssertion(
        SOCKET_CALL,
        { caller: as ?? null, requestId: 'test', address: address ?? '192.0.2.1', timeoutMs: 10_000 },
        { version, expiresAtMs },
      );

  const connect = (given: SocketOptions): TestSocket => {
    const header = given.letter === undefined ? letter(given) : given.letter;
    const socket = io(`http://127.0.0.1:${port}`, {
      path: SOCKET_PATH,
      transports: [given.transport ?? 'websocket'],
      ...(header === null ? {} : { extraHeaders: { [SOCKET_CALLER_HEADER]: header } }),
      auth: { ...(given.after === undefined ? {} : { after: given.after }), ...given.auth },
      reconnection: false,
      forceNew: true,
    });
    const seen: TestSocket = {
      socket,
      welcome: null,
      messages: [],
      close: null,
      refused: null,
      closed: false,
    };
    sockets.push(seen);
    socket.on('welcome', (welcome: Welcome) => void (seen.welcome = welcome));
    socket.on('message', (message: SocketMessage) => void seen.messages.push(message));
    socket.on('close', ({ reason }: SocketClose) => void (seen.close = reason));
    socket.on('connect_error', (error: Error & { data?: { code: string } }) => {
      seen.refused = error.data?.code ?? error.message;
    });
    socket.on('disconnect', () => void (seen.closed = true));
    return seen;
  };

  return {
    ...app,
    port,
    letter,
    connect,
    state: () => (app.service('realtime') as RealtimeService).state,
    /** Somebody of whom auth can be asked. */
    person: (role: Role = 'CUSTOMER', name = `Person ${++names}`): Caller & { name: string } => {
      const userId = newId('user', Date.now());
      const user = { id: userId, email: `${userId}@example.com`, name, role, status: 'active' as const };
      people.set(userId, { ...user, createdAt: new Date().toISOString(), version: 1 });
      return { userId, role, sessionId: newId('session', Date.now()), name };
    },
    /** Tells an event as its service would. */
    tell: <F extends Event>(event: F, payload: PayloadOf<F>) => {
      const { db, outbox } = app.service('auth');
      return db.transaction((tx) => outbox.add(tx, event, payload));
    },
    signal: (name: string, payload: object) => app.service('auth').sendSignal(name, payload),
    /** What the hub says of a connection that was lost, and is back. */
    loseBus: () => realtimeService.disconnected?.(app.service('realtime') as never),
    regainBus: () => realtimeService.resubscribed?.(app.service('realtime') as never),
    sql: <Row>(text: string, values: unknown[] = []) => app.service('realtime').db.query<Row>(text, values),
    closeAll: () => {
      for (const { socket } of sockets.splice(0)) socket.disconnect();
    },
    /** Stops the services under the clients' feet. */
    stopServices: app.stop,
    stop: async () => {
      for (const { socket } of sockets.splice(0)) socket.disconnect();
      await app.stop();
    },
  };
};
export type RealtimeApp = Awaited<ReturnType<typeof startRealtime>>;

/** A payment as its events tell of it. */
export const aPayment = (payer: Caller, payee: Caller) => ({
  id: newId('payment', Date.now()),
  payerId: payer.userId,
  payeeId: payee.userId,
  amountMinor: 1_250,
  currency: 'EUR' as const,
  status: 'pending' as const,
  version: 1,
  at: new Date().toISOString(),
});
