import type { Caller } from '../../broker/calls/envelope.ts';
import { isAppError } from '../../broker/calls/errors.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import { ROLES, type Role } from '../../shared/contracts/roles.ts';
import { requestOf } from '../../shared/client/client.ts';
import { ROWS, type Row } from './access-rows.ts';
import { startWorld, type Person, type World } from './world.ts';

const ACTIONS: Action[] = CONTRACTS.flatMap(({ actions }) => Object.values(actions));
const byHttp = ACTIONS.filter(({ http }) => http !== undefined);
const named = (actions: readonly Action[]) => actions.map((action) => [action.name, action] as const);
const rowOf = ({ name }: Action): Row => ROWS[name] as Row;

let world: World;
const strangers = {} as Record<Role, Person>;
beforeAll(async () => {
  world = await startWorld();
  for (const role of ROLES) strangers[role] = await world.register(role);
}, 60_000);
afterAll(() => world?.services.stop());

/** What answers over HTTP: a problem's code, or `ok`. */
const overHttp = async (
  action: Action,
  token: string | undefined,
  row = rowOf(action).params,
): Promise<string> => {
  const { method, path, body } = requestOf(action.http!, row(world));
  const headers: Record<string, string> = { 'idempotency-key': `matrix-${performance.now()}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const json = body === undefined ? undefined : (JSON.parse(body) as unknown);
  const reply = await world.ask(`${method} ${path}`, { token, json, headers });
  if (reply.ok) return 'ok';
  const { code, status } = (await reply.json()) as { code: string; status: number };
  if (status >= 500) throw new Error(`${action.name} answered ${status}`);
  return code;
};

/** What answers a call over the bus that says it comes from outside, or from a service. */
const overBus = async (
  action: Action,
  as: { as?: Caller; from?: string },
  row = rowOf(action).params,
): Promise<string> => {
  try {
    await world.services.call(action, row(world) as never, {
      ...as,
      idempotencyKey: `bus-${performance.now()}`,
    });
    return 'ok';
  } catch (error) {
    if (!isAppError(error) || error.code === 'internal') throw error;
    return error.code;
  }
};

const REFUSALS = ['unauthenticated', 'forbidden', 'session_ended', 'token_expired'];
const mayRun = ({ permission }: Action, role: Role): boolean =>
  permission === 'anyone' ||
  permission === 'signed-in' ||
  (permission !== 'services' && permission.includes(role));

test('every action has a row, and every row an action', () => {
  expect(Object.keys(ROWS).sort()).toEqual(ACTIONS.map(({ name }) => name).sort());
});

describe('over HTTP', () => {
  test.each(named(byHttp))('%s asks who is there', async (_name, action) => {
    const code = await overHttp(action, undefined);
    // What is for anyone may still want a refresh token.
    if (action.permission === 'anyone') expect(code).not.toBe('forbidden');
    else expect(code).toBe('unauthenticated');
  });

  test.each(named(byHttp.filter(({ permission }) => permission !== 'anyone')))(
    '%s is for the roles of its contract',
    async (_name, action) => {
      for (const role of ROLES) {
        // What ends sessions ends this one.
        const { accessToken } = await world.signIn(strangers[role].email);
        const code = await overHttp(action, accessToken);
        if (mayRun(action, role)) expect(REFUSALS).not.toContain(code);
        else expect(code).toBe('forbidden');
      }
    },
  );

  test.each(named(byHttp.filter(({ permission }) => permission !== 'anyone')))(
    '%s is closed to a session that was revoked',
    async (_name, action) => {
      const { accessToken, caller } = await world.signIn(strangers.ADMIN.email);
      await world.services.call(auth.actions.endSession, { id: caller.sessionId }, { as: caller });
      expect(await overHttp(action, accessToken)).toBe('session_ended');
    },
  );

  test.each(named(byHttp.filter((action) => typeof rowOf(action).othersOwn === 'object')))(
    '%s knows nothing of what belongs to others',
    async (_name, action) => {
      const { params, code } = rowOf(action).othersOwn as { params: Row['params']; code: string };
      for (const role of ROLES.filter((one) => mayRun(action, one))) {
        const { accessToken } = await world.signIn(strangers[role].email);
        expect(await overHttp(action, accessToken, params)).toBe(code);
      }
    },
  );

  test('what is for services only has no address', () => {
    const forServices = ACTIONS.filter(({ permission }) => permission === 'services');
    expect(forServices.length).toBeGreaterThan(0);
    expect(forServices.filter(({ http }) => http !== undefined)).toEqual([]);
  });
});

describe('over the bus', () => {
  test.each(named(ACTIONS))('%s is enforced in the actor', async (_name, action) => {
    const nobody = await overBus(action, {});
    if (action.permission === 'services') expect(nobody).toBe('forbidden');
    else if (action.permission !== 'anyone') expect(nobody).toBe('unauthenticated');
    for (const role of ROLES) {
      const { caller } = await world.signIn(strangers[role].email);
      const code = await overBus(action, { as: caller });
      if (!mayRun(action, role)) expect(code).toBe('forbidden');
      else if (action.permission === 'anyone') expect(code).not.toBe('forbidden');
      else expect(['unauthenticated', 'forbidden']).not.toContain(code);
    }
  });

  test.each(named(ACTIONS.filter(({ permission }) => permission === 'services')))(
    '%s answers a service that speaks for itself, and no one for whom it speaks',
    async (_name, action) => {
      expect(await overBus(action, { from: 'payments' })).not.toBe('forbidden');
      expect(await overBus(action, { from: 'payments', as: world.admin.caller })).toBe('forbidden');
    },
  );

  test.each(named(ACTIONS.filter((action) => typeof rowOf(action).othersOwn === 'object')))(
    '%s knows nothing of what belongs to others',
    async (_name, action) => {
      const { params, code } = rowOf(action).othersOwn as { params: Row['params']; code: string };
      expect(await overBus(action, { as: strangers.CUSTOMER.caller }, params)).toBe(code);
    },
  );

  test.each(named(ACTIONS))('%s runs for no envelope that is forged', async (_name, action) => {
    const text = JSON.stringify({ to: action.name, from: 'gateway', caller: world.admin.caller });
    for (const call of [
      undefined,
      {},
      { text, mac: '' },
      { text, mac: Buffer.alloc(32).toString('base64url') },
    ]) {
      await expect(
        world.services.bus(action.name, rowOf(action).params(world), { call }),
      ).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
  });
});
