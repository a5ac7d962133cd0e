import { decodeJwt } from 'jose';
import * as z from 'zod/mini';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { onSignal } from '../../../broker/calls/signals.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { defineService } from '../../../broker/process/service.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { startServices, type TestCaller, type TestServices } from '../../../broker/testing/start-services.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { RevocationList } from '../../../shared/contracts/auth/sessions.ts';
import { accessClaims } from '../../../shared/contracts/auth/signing.ts';
import { contract, type Action, type ParamsOf, type ResultOf } from '../../../shared/contracts/contract.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { service as authService } from '../auth.service.ts';
import type { AuthService } from '../auth.ts';
import { startSession, type StartedSession } from '../sessions/start-session.ts';

export const PASSWORD = 'TestPassword123!';
export const OTHER_PASSWORD = 'Another-Password-9';

export type SignedIn = ResultOf<typeof auth.actions.login>;
type EventKey = keyof typeof auth.events;
type Published = { key: EventKey; payload: unknown };

/** The caller of an access token. */
export const callerOf = ({ tokens }: { tokens: { accessToken: string } }): Caller => {
  const { sub, sid, role } = accessClaims.parse(decodeJwt(tokens.accessToken));
  return { userId: sub, sessionId: sid, role };
};

/** A gateway without routes that stores the events and revocation signals of auth. */
const gatewayOf = (published: Published[], signalled: RevocationList) => {
  const store = (key: EventKey) =>
    subscribe(auth.events[key], async (_service, { payload }) => void published.push({ key, payload }));
  return defineService({
    contract: contract('gateway', { actions: {}, events: {} }),
    config: z.object({}),
    actions: {},
    broadcast: (Object.keys(auth.events) as EventKey[]).map(store),
    signals: [
      onSignal(auth.signals.revoked, (_service, { sessionIds, staleVersions, keyIds }) => {
        signalled.sessionIds.push(...sessionIds);
        signalled.staleVersions.push(...staleVersions);
        signalled.keyIds.push(...keyIds);
      }),
    ],
  });
};

/** Hashes each password once, because argon2id dominates the time of tests with many accounts. */
const hashOnce = (hash: AuthService['state']['hashPassword']): AuthService['state']['hashPassword'] => {
  const hashes = new Map<string, Promise<string>>();
  return (password) => {
    const known = hashes.get(password) ?? hash(password);
    hashes.set(password, known);
    return known;
  };
};

/** Waits until `count` events of this kind contain `id`; fails when more follow before a later event. */
const waitForEvents = async (
  service: AuthService,
  published: readonly Published[],
  { key, id, count }: { key: EventKey; id: string; count: number },
): Promise<unknown[]> => {
  const about = (text: string) => (event: Published) => JSON.stringify(event).includes(text);
  const found = () => published.filter((event) => event.key === key && about(id)(event));
  await eventually(() => expect(found().length).toBeGreaterThanOrEqual(count));
  const sentinel = { userId: newId('user', service.clock.nowMs()), at: service.clock.iso() };
  await service.db.transaction((tx) => service.outbox.add(tx, auth.events.passwordChanged, sentinel));
  await eventually(() => expect(published.some(about(sentinel.userId))).toBe(true));
  expect(found()).toHaveLength(count);
  return found().map(({ payload }) => payload);
};

/** Starts auth on a database of its own, beside a fake gateway. */
export const startAuth = async (options: { clock?: Clock; env?: Record<string, string> } = {}) => {
  const published: Published[] = [];
  const signalled: RevocationList = { sessionIds: [], staleVersions: [], keyIds: [] };
  const app: TestServices = await startServices([authService, gatewayOf(published, signalled)], options);
  const service = app.service('auth') as AuthService;
  service.state.hashPassword = hashOnce(service.state.hashPassword);
  let accounts = 0;
  const newAccount = () => ({ email: `person${++accounts}@example.com`, password: PASSWORD, name: 'Ada' });
  const sql = (text: string, values: unknown[] = []) => service.db.query(text, values);
  /** Starts sessions as sign-ins do, without the time of password hashing. */
  const startSessions = (userId: UserId, count: number): Promise<StartedSession[]> => {
    const origin = { device: 'Unknown device', kind: 'program', address: null } as const;
    return service.db.transaction(async (tx) => {
      const started: StartedSession[] = [];
      for (let n = 0; n < count; n++)
        started.push(
          await startSession(service, tx, {
            userId,
            origin,
            method: 'password',
            knownDevice: false,
            device: null,
          }),
        );
      return started;
    });
  };
  return {
    /** A call from outside, through the gateway. */
    call: app.call,
    /** A call of another service. */
    asService: <A extends Action>(action: A, params: ParamsOf<A>) =>
      app.call(action, params, { from: 'payments' }),
    stop: app.stop,
    sql,
    published,
    /** What the gateway has received as revocation signals. */
    signalled,
    service,
    newAccount,
    startSessions,
    register: (as?: TestCaller): Promise<SignedIn> => app.call(auth.actions.register, newAccount(), as),
    /** A signed-in administrator. */
    admin: async (): Promise<Caller> => {
      const account = { ...newAccount(), role: 'ADMIN' as const };
      const { id, role } = await app.call(auth.actions.createUser, account, { from: 'payments' });
      const [session] = await startSessions(id, 1);
      return { userId: id, sessionId: session!.sessionId, role };
    },
    login: ({ user }: Pick<SignedIn, 'user'>, password = PASSWORD, as?: TestCaller) =>
      app.call(auth.actions.login, { email: user.email, password }, as),
    refresh: (refreshToken: string) => app.call(auth.actions.refresh, { refreshToken }),
    /** Moves every use of a session's tokens into the past. */
    age: (sessionId: string, seconds: number) =>
      sql('update refresh_tokens set used_at = used_at - make_interval(secs => $2) where session_id = $1', [
        sessionId,
        seconds,
      ]),
    /** The payloads of exactly `count` events of one kind that contain `id`. */
    eventsOf: (key: EventKey, id: string, count: number) =>
      waitForEvents(service, published, { key, id, count }),
  };
};
export type AuthApp = Awaited<ReturnType<typeof startAuth>>;
