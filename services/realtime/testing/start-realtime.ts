import { io, type Socket } from 'socket.io-client';
import type { input } from 'zod/mini';
import type { Caller } from '../../../broker/calls/envelope.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { freePort } from '../../../broker/postgres/embedded-folder.ts';
import type { AnyServiceDefinition } from '../../../broker/process/service.ts';
import { fakeService } from '../../../broker/testing/fake-service.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { auth, type User } from '../../../shared/contracts/auth/auth.ts';
import type { RevocationList } from '../../../shared/contracts/auth/sessions.ts';
import { contract, type Event, type PayloadOf } from '../../../shared/contracts/contract.ts';
import type {
  SocketClose,
  SocketMessage,
  SocketNotice,
  Welcome,
} from '../../../shared/contracts/realtime.ts';
import { SOCKET_CALL, SOCKET_CALLER_HEADER, SOCKET_PATH } from '../../../shared/contracts/realtime.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { service as realtimeService } from '../realtime.service.ts';
import type { RealtimeService } from '../realtime.ts';

export type Transport = 'websocket' | 'polling';

export type TestSocket = {
  socket: Socket;
  welcome: Welcome | null;
  messages: SocketMessage[];
  notices: SocketNotice[];
  close: SocketClose['reason'] | null;
  /** The refusal: an error code, or engine.io's message when the handshake itself was refused. */
  refused: string | null;
  closed: boolean;
};

export type SocketOptions = {
  as?: Caller;
  transport?: Transport;
  after?: number;
  /** Further fields of the handshake's `auth`. */
  auth?: Record<string, unknown>;
  version?: number;
  keyId?: string;
  expiresAtMs?: number;
  address?: string;
  /** Replaces the gateway's assertion; null for no header. */
  assertion?: string | null;
};

type StoredUser = User & { version: number };

/** An auth service that has these users and revocations, and a database from which it publishes any event. */
const fakeAuth = (
  users: Map<string, StoredUser>,
  revoked: () => Promise<RevocationList>,
): AnyServiceDefinition => ({
  ...fakeService(auth, {
    findUser: async (_service, { params }) => ({ user: ('id' in params && users.get(params.id)) || null }),
    revocations: revoked,
  }),
  database: {
    env: 'AUTH_DATABASE_URL',
    migrations: new URL('../../../broker/events/no-migrations/', import.meta.url),
  },
});

const gateway: AnyServiceDefinition = {
  ...fakeService(contract('gateway', { actions: {}, events: {} })),
  calls: ['realtime'],
};

/** A database for several processes of the service. */
export const sharedDatabase = throwAwayDatabase;

/** Starts the service on a throw-away database, with a fake auth service and a gateway that only signs. */
export const startRealtime = async (
  options: { env?: Record<string, string>; clock?: Clock; revoked?: () => Promise<RevocationList> } = {},
) => {
  const port = await freePort();
  const users = new Map<string, StoredUser>();
  const revoked = options.revoked ?? (async () => ({ sessionIds: [], staleVersions: [], keyIds: [] }));
  const app: TestServices = await startServices([fakeAuth(users, revoked), realtimeService, gateway], {
    ...options,
    env: { REALTIME_PORT: String(port), DRAIN_MS: '0', ...options.env },
  });
  const sockets: TestSocket[] = [];
  let names = 0;

  const assertionFor = ({
    as,
    version = 1,
    keyId = 'key-1',
    expiresAtMs = Date.now() + 600_000,
    address,
  }: SocketOptions) =>
    app
      .service('gateway')
      .signAssertion(
        SOCKET_CALL,
        { caller: as ?? null, requestId: 'test', address: address ?? '192.0.2.1', timeoutMs: 10_000 },
        { version, keyId, expiresAtMs },
      );

  const connect = (given: SocketOptions): TestSocket => {
    const header = given.assertion === undefined ? assertionFor(given) : given.assertion;
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
      notices: [],
      close: null,
      refused: null,
      closed: false,
    };
    sockets.push(seen);
    socket.on('welcome', (welcome: Welcome) => void (seen.welcome = welcome));
    socket.on('message', (message: SocketMessage) => void seen.messages.push(message));
    socket.on('notice', (notice: SocketNotice) => void seen.notices.push(notice));
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
    assertionFor,
    connect,
    state: () => (app.service('realtime') as RealtimeService).state,
    /** A user whom the fake auth service has. */
    person: (role: Role = 'CUSTOMER', name = `Person ${++names}`): Caller & { name: string } => {
      const userId = newId('user', Date.now());
      const user = { id: userId, email: `${userId}@example.com`, name, role, status: 'active' as const };
      users.set(userId, { ...user, createdAt: new Date().toISOString(), version: 1 });
      return { userId, role, sessionId: newId('session', Date.now()), name };
    },
    /** Publishes an event from the fake auth service's outbox. */
    publish: <F extends Event>(event: F, payload: PayloadOf<F>) => {
      const { db, outbox } = app.service('auth');
      return db.transaction((tx) => outbox.add(tx, event, payload));
    },
    revoke: (list: input<typeof auth.signals.revoked.payload>) =>
      app.service('auth').sendSignal(auth.signals.revoked, list),
    /** What the hub calls when the connection is lost, and when it is back. */
    loseBus: () => realtimeService.disconnected?.(app.service('realtime') as never),
    regainBus: () => realtimeService.resubscribed?.(app.service('realtime') as never),
    sql: <Row>(text: string, values: unknown[] = []) => app.service('realtime').db.query<Row>(text, values),
    closeAll: () => {
      for (const { socket } of sockets.splice(0)) socket.disconnect();
    },
    /** Stops the services and leaves the clients. */
    stopServices: app.stop,
    stop: async () => {
      for (const { socket } of sockets.splice(0)) socket.disconnect();
      await app.stop();
    },
  };
};
export type RealtimeApp = Awaited<ReturnType<typeof startRealtime>>;

/** The payload of a payment's events. */
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
