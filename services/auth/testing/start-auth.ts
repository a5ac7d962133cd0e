import { decodeJwt } from 'jose';
import * as z from 'zod/mini';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { defineService } from '../../../broker/process/service.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import {
  eventually,
  startServices,
  type TestCaller,
  type TestServices,
} from '../../../broker/testing/start-services.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { accessClaims, REVOKED_SIGNAL, type RevocationList } from '../../../shared/contracts/auth/fields.ts';
import { contract, type Action, type ParamsOf, type ResultOf } from '../../../shared/contracts/contract.ts';
import { service as authService } from '../auth.service.ts';
import type { AuthService } from '../auth.ts';

export const PASSWORD = 'TestPassword123!';
export const OTHER_PASSWORD = 'Another-Password-9';

export type SignedIn = ResultOf<typeof auth.actions.login>;
type EventKey = keyof typeof auth.events;
type Told = { key: EventKey; payload: unknown };

/** The caller that an access token speaks for. */
export const callerOf = ({ tokens }: { tokens: { accessToken: string } }): Caller => {
  const { sub, sid, role } = accessClaims.parse(decodeJwt(tokens.accessToken));
  return { userId: sub, sessionId: sid, role };
};

type Hinted = { sessionIds: string[]; staleVersions: RevocationList['staleVersions'] };

/** Stands where requests enter, and keeps what auth tells. */
const gatewayOf = (told: Told[], signalled: Hinted) => {
  const hear = (key: EventKey) =>
    subscribe(auth.events[key], async (_service, { payload }) => void told.push({ key, payload }));
  return defineService({
    contract: contract('gateway', { actions: {}, events: {} }),
    config: z.object({}),
    actions: {},
    broadcast: (Object.keys(auth.events) as EventKey[]).map(hear),
    signals: {
      [REVOKED_SIGNAL]: (_service, { sessionIds, staleVersions }: RevocationList) => {
        signalled.sessionIds.push(...sessionIds);
        signalled.staleVersions.push(...staleVersions);
      },
    },
  });
};

/** auth on a database of its own, beside a stand-in for the gateway. */
export const startAuth = async (options: { clock?: Clock; env?: Record<string, string> } = {}) => {
  const told: Told[] = [];
  const signalled: Hinted = { sessionIds: [], staleVersions: [] };
  const app: TestServices = await startServices([authService, gatewayOf(told, signalled)], options);
  let accounts = 0;
  const anAccount = () => ({ email: `person${++accounts}@example.com`, password: PASSWORD, name: 'Ada' });
  const service = app.service('auth') as AuthService;
  const sql = (text: string, values: unknown[] = []) => service.db.query(text, values);
  const register = (as?: TestCaller) => app.call(auth.actions.register, anAccount(), as);
  return {
    call: app.call,
    /** A call of another service; `call` comes from outside, through the gateway. */
    asService: <A extends Action>(action: A, params: ParamsOf<A>) =>
      app.call(action, params, { from: 'payments' }),
    stop: app.stop,
    sql,
    told,
    /** Sessions that the gateway was told of at once. */
    signalled: signalled.sessionIds,
    /** Users of whom it was told that their tokens are staleVersions. */
    staleVersions: signalled.staleVersions,
    service,
    anAccount,
    register,
    /** An administrator who has signed in. */
    admin: async () => {
      const account = { ...anAccount(), role: 'ADMIN' as const };
      await app.call(auth.actions.createUser, account, { from: 'payments' });
      const { email, password } = account;
      return callerOf(await app.call(auth.actions.login, { email, password }));
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
    /** Payloads of one kind of event that name a user, once there are `count` of them. */
    eventsOf: (key: EventKey, userId: string, count: number) =>
      eventually(() => {
        const events = told.filter((event) => event.key === key && JSON.stringify(event).includes(userId));
        return events.length === count && events.map(({ payload }) => payload);
      }),
  };
};
export type AuthApp = Awaited<ReturnType<typeof startAuth>>;
