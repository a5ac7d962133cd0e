import type { Caller } from '../../broker/calls/envelope.ts';
import { isAppError } from '../../broker/calls/errors.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import { ROLES, type Role } from '../../shared/contracts/roles.ts';
import { ROWS, type Row } from './access-rows.ts';
import { DOORS, type Door } from './doors.ts';
import { startWorld, type Person, type World } from './world.ts';

type Owned = Exclude<Row['ownership'], string>;

const ACTIONS: Action[] = CONTRACTS.flatMap(({ actions }) => Object.values(actions));
const named = (actions: readonly Action[]) => actions.map((action) => [action.name, action] as const);
const rowOf = ({ name }: Action): Row => ROWS[name] as Row;

let world: World;
const otherUsers = {} as Record<Role, Person>;
beforeAll(async () => {
  world = await startWorld();
  for (const role of ROLES) otherUsers[role] = await world.register(role);
}, 60_000);
afterAll(() => world?.services.stop());

/** Actions that may end the session of their caller, or change what it may do. */
const ENDS = /^auth\.(?!me$|keys$|users$|usersPage$|activity$|approvals$|lockouts$)/;
const kept = new Map<Role, Person>();

/** A session of the role: a new one where the action may end it, because a password takes its time. */
const sessionFor = async (role: Role, action: Action): Promise<Person> => {
  const known = ENDS.test(action.name) ? undefined : kept.get(role);
  const person = known ?? (await world.signIn(otherUsers[role].email));
  if (ENDS.test(action.name)) kept.delete(role);
  else kept.set(role, person);
  return person;
};

/** The result of a request through a door: a problem's code, or `ok`. */
const through = async (
  door: Door,
  action: Action,
  token: string | undefined,
  row = rowOf(action).params,
): Promise<string> => {
  const asked = { token, key: `matrix-${performance.now()}` };
  const outcome = await door.run(world, action, row(world), asked);
  return 'code' in outcome ? outcome.code : 'ok';
};

/** The result of a call over the bus, from a user or from a service: an error code, or `ok`. */
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

test('every action has a row, and every row has an action', () => {
  expect(Object.keys(ROWS).sort()).toEqual(ACTIONS.map(({ name }) => name).sort());
});

describe.each(DOORS)('over $name', (door) => {
  const actions = ACTIONS.filter(door.has);
  const notForAnyone = actions.filter(({ permission }) => permission !== 'anyone');

  test.each(named(actions))(
    '%s without a token is refused unless anyone may call it',
    async (_name, action) => {
      const code = await through(door, action, undefined);
      // An action that anyone may call may still require a refresh token.
      if (action.permission === 'anyone') expect(code).not.toBe('forbidden');
      else expect(code).toBe('unauthenticated');
    },
  );

  test.each(named(notForAnyone))(
    '%s is allowed for the roles of its contract only',
    async (_name, action) => {
      for (const role of ROLES) {
        const { accessToken } = await sessionFor(role, action);
        const code = await through(door, action, accessToken);
        if (mayRun(action, role)) expect(REFUSALS).not.toContain(code);
        else expect(code).toBe('forbidden');
      }
    },
  );

  test.each(named(notForAnyone))('%s is refused to a revoked session', async (_name, action) => {
    const { accessToken, caller } = await world.signIn(otherUsers.ADMIN.email);
    await world.services.call(auth.actions.endSession, { id: caller.sessionId }, { as: caller });
    expect(await through(door, action, accessToken)).toBe('session_ended');
  });

  test.each(named(actions.filter((action) => typeof rowOf(action).ownership === 'object')))(
    '%s does not find another user’s resource',
    async (_name, action) => {
      const { params, code, foundBy } = rowOf(action).ownership as Owned;
      for (const role of ROLES.filter((one) => one !== foundBy && mayRun(action, one))) {
        const { accessToken } = await sessionFor(role, action);
        expect(await through(door, action, accessToken, params)).toBe(code);
      }
    },
  );
});

test('an action for services only has no route', () => {
  const forServices = ACTIONS.filter(({ permission }) => permission === 'services');
  expect(forServices.length).toBeGreaterThan(0);
  expect(forServices.filter(({ http }) => http !== undefined)).toEqual([]);
});

describe('over the bus', () => {
  test.each(named(ACTIONS))('%s has its permission checked in the service', async (_name, action) => {
    const withoutCaller = await overBus(action, {});
    if (action.permission === 'services') expect(withoutCaller).toBe('forbidden');
    else if (action.permission !== 'anyone') expect(withoutCaller).toBe('unauthenticated');
    for (const role of ROLES) {
      const code = await overBus(action, { as: otherUsers[role].caller });
      if (!mayRun(action, role)) expect(code).toBe('forbidden');
      else if (action.permission === 'anyone') expect(code).not.toBe('forbidden');
      else expect(['unauthenticated', 'forbidden']).not.toContain(code);
    }
  });

  test.each(named(ACTIONS.filter(({ permission }) => permission === 'services')))(
    '%s may be called by a service for itself, not on behalf of a user',
    async (_name, action) => {
      expect(await overBus(action, { from: 'payments' })).not.toBe('forbidden');
      expect(await overBus(action, { from: 'payments', as: world.admin.caller })).toBe('forbidden');
    },
  );

  test.each(named(ACTIONS.filter((action) => typeof rowOf(action).ownership === 'object')))(
    '%s does not find another user’s resource',
    async (_name, action) => {
      const { params, code } = rowOf(action).ownership as Owned;
      expect(await overBus(action, { as: otherUsers.CUSTOMER.caller }, params)).toBe(code);
    },
  );

  test.each(named(ACTIONS))('%s is refused with a forged envelope', async (_name, action) => {
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
