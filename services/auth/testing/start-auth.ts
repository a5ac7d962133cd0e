import { decodeJwt } from 'jose';
import * as z from 'zod/mini';
import type { Caller } from '../../../broker/caller.ts';
import { listen } from '../../../broker/events/inbox.ts';
import { defineRoom } from '../../../broker/room.ts';
import type { Clock } from '../../../broker/clock.ts';
import {
  eventually,
  startRooms,
  type TestCaller,
  type TestRooms,
} from '../../../broker/testing/start-rooms.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { accessClaims, REVOKED_HINT, type RevocationList } from '../../../shared/contracts/auth-fields.ts';
import { contract, type Action, type ParamsOf, type ResultOf } from '../../../shared/contracts/contract.ts';
import { room as authRoom } from '../auth.service.ts';
import type { AuthRoom } from '../room.ts';

export const PASSWORD = 'TestPassword123!';
export const OTHER_PASSWORD = 'Another-Password-9';

export type SignedIn = ResultOf<typeof auth.actions.login>;
type FactKey = keyof typeof auth.facts;
type Told = { key: FactKey; payload: unknown };

/** The caller that an access token speaks for. */
export const callerOf = ({ tokens }: { tokens: { accessToken: string } }): Caller => {
  const { sub, sid, role } = accessClaims.parse(decodeJwt(tokens.accessToken));
  return { userId: sub, sessionId: sid, role };
};

type Hinted = { sessionIds: string[]; outdated: RevocationList['outdated'] };

/** Stands where requests enter, and keeps what auth tells. */
const gatewayOf = (told: Told[], hinted: Hinted) => {
  const hear = (key: FactKey) =>
    listen(auth.facts[key], async (_room, { payload }) => void told.push({ key, payload }));
  return defineRoom({
    contract: contract('gateway', { actions: {}, facts: {} }),
    config: z.object({}),
    actions: {},
    everywhere: (Object.keys(auth.facts) as FactKey[]).map(hear),
    hints: {
      [REVOKED_HINT]: (_room, { sessionIds, outdated }: RevocationList) => {
        hinted.sessionIds.push(...sessionIds);
        hinted.outdated.push(...outdated);
      },
    },
  });
};

/** auth on a database of its own, beside a stand-in for the gateway. */
export const startAuth = async (options: { clock?: Clock; env?: Record<string, string> } = {}) => {
  const told: Told[] = [];
  const hinted: Hinted = { sessionIds: [], outdated: [] };
  const app: TestRooms = await startRooms([authRoom, gatewayOf(told, hinted)], options);
  let accounts = 0;
  const anAccount = () => ({ email: `person${++accounts}@example.com`, password: PASSWORD, name: 'Ada' });
  const room = app.room('auth') as AuthRoom;
  const sql = (text: string, values: unknown[] = []) => room.db.query(text, values);
  const register = (as?: TestCaller) => app.call(auth.actions.register, anAccount(), as);
  return {
    call: app.call,
    /** A call of another room; `call` comes from outside, through the gateway. */
    asRoom: <A extends Action>(action: A, params: ParamsOf<A>) =>
      app.call(action, params, { from: 'payments' }),
    stop: app.stop,
    sql,
    told,
    /** Sessions that the gateway was told of at once. */
    hinted: hinted.sessionIds,
    /** Users of whom it was told that their tokens are outdated. */
    outdated: hinted.outdated,
    room,
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
    /** Payloads of one kind of fact that name a user, once there are `count` of them. */
    factsOf: (key: FactKey, userId: string, count: number) =>
      eventually(() => {
        const facts = told.filter((fact) => fact.key === key && JSON.stringify(fact).includes(userId));
        return facts.length === count && facts.map(({ payload }) => payload);
      }),
  };
};
export type AuthApp = Awaited<ReturnType<typeof startAuth>>;
