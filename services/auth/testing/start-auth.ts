import { decodeJwt } from 'jose';
import * as z from 'zod/mini';
import type { Caller } from '../../../broker/caller.ts';
import { listen } from '../../../broker/events/inbox.ts';
import { defineRoom } from '../../../broker/room.ts';
import { eventually, startRooms, type TestRooms } from '../../../broker/testing/start-rooms.ts';
import { accessClaims, auth, SESSIONS_ENDED_HINT } from '../../../shared/contracts/auth.ts';
import { contract, type Action, type ParamsOf, type ResultOf } from '../../../shared/contracts/contract.ts';
import { room as authRoom } from '../auth.service.ts';

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

/** Stands where requests enter, and keeps what auth tells. */
const gatewayOf = (told: Told[], hinted: string[]) => {
  const hear = (key: FactKey) =>
    listen(auth.facts[key], async (_room, { payload }) => void told.push({ key, payload }));
  return defineRoom({
    contract: contract('gateway', { actions: {}, facts: {} }),
    config: z.object({}),
    actions: {},
    listeners: (['userChanged', 'passwordChanged', 'sessionStarted', 'sessionEnded'] as const).map(hear),
    hints: {
      [SESSIONS_ENDED_HINT]: (_room, { sessionIds }: { sessionIds: string[] }) =>
        void hinted.push(...sessionIds),
    },
  });
};

/** auth on a database of its own, beside a stand-in for the gateway. */
export const startAuth = async () => {
  const told: Told[] = [];
  const hinted: string[] = [];
  const app: TestRooms = await startRooms([authRoom, gatewayOf(told, hinted)]);
  let accounts = 0;
  const anAccount = () => ({ email: `person${++accounts}@example.com`, password: PASSWORD, name: 'Ada' });
  const sql = (text: string, values: unknown[] = []) => app.room('auth').db.query(text, values);
  return {
    call: app.call,
    /** A call of another room; `call` comes from outside, through the gateway. */
    asRoom: <A extends Action>(action: A, params: ParamsOf<A>) =>
      app.call(action, params, { from: 'payments' }),
    stop: app.stop,
    sql,
    told,
    /** Sessions that the gateway was told of at once. */
    hinted,
    anAccount,
    register: () => app.call(auth.actions.register, anAccount()),
    login: ({ user }: SignedIn, password = PASSWORD) =>
      app.call(auth.actions.login, { email: user.email, password }),
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
