import { register } from 'prom-client';
import type { Caller } from '../../broker/calls/envelope.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { ROLES, type Role } from '../../shared/contracts/roles.ts';
import { argumentsOf } from '../../services/gateway/graphql/testing/operations.ts';
import { ROWS } from './access-rows.ts';
import { ODD, UNSTORABLE } from './bad-values.ts';
import { GRAPHQL, REST, schemaOf, type Outcome } from './doors.ts';
import { startWorld, type Person, type World } from './world.ts';

const ACTIONS: Action[] = CONTRACTS.flatMap(({ actions }) => Object.values(actions)).filter(GRAPHQL.has);
const named = (actions: readonly Action[]) => actions.map((action) => [action.name, action] as const);

let world: World;
const people = {} as Record<Role, Person>;
beforeAll(async () => {
  world = await startWorld();
  for (const role of ROLES) people[role] = await world.register(role);
}, 60_000);
afterAll(() => world?.services.stop());

/** The token of a user who may run the action. */
const tokenFor = ({ permission }: Action): string | undefined => {
  if (permission === 'anyone' || permission === 'services') return undefined;
  const role = ROLES.find((one) => permission === 'signed-in' || permission.includes(one)) ?? 'ADMIN';
  return people[role].accessToken;
};

/** How often each of these actions has run. */
const callsOf = async (...actions: string[]): Promise<number[]> => {
  const metric = await register.getSingleMetric('payloom_action_seconds')?.get();
  const counts = (metric?.values ?? []) as {
    metricName?: string;
    labels: { action?: string };
    value: number;
  }[];
  return actions.map((action) =>
    counts
      .filter(({ metricName, labels }) => metricName?.endsWith('_count') && labels.action === action)
      .reduce((sum, { value }) => sum + value, 0),
  );
};

/** GraphQL has no fields that are absent. */
const withoutNull = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, one: unknown) => one ?? undefined);

/** An outcome without what differs from request to request and the words of the library. */
const seen = (outcome: Outcome) =>
  'code' in outcome
    ? { code: outcome.code, status: outcome.status, paths: outcome.errors?.map(({ path }) => path) }
    : withoutNull(outcome);

describe('both doors', () => {
  // What changes by itself.
  const moving = ['admin.system', 'admin.systemHistory', 'admin.auditEntries', 'auth.activity'];
  const reads = ACTIONS.filter(({ idempotent, name }) => idempotent === 'read' && !moving.includes(name));

  test.each(named(reads))('answer %s alike', async (name, action) => {
    const params = ROWS[name]!.params(world);
    const token = tokenFor(action);
    const over = (door: typeof REST) => door.run(world, action, params, { token });
    const [rest, graphql] = [await over(REST), await over(GRAPHQL)];
    expect(seen(graphql)).toEqual(seen(rest));
  });

  const order = {
    payee: { id: `usr_${'0'.repeat(32)}` },
    amountMinor: 100,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
  };
  const { create, get, list } = payments.actions;
  test.each<[what: string, Action, Record<string, unknown>, key?: string]>([
    ['an unknown payee', create, order],
    ['no key', create, order, ''],
    ['a key with a space', create, order, 'a b'],
    ['no amount', create, { ...order, amountMinor: undefined }],
    ['part of a cent', create, { ...order, amountMinor: 1.5 }],
    ['an amount that is no safe integer', create, { ...order, amountMinor: 2 ** 53 }],
    ['an amount below the least', create, { ...order, amountMinor: 1 }],
    ['an amount as text', create, { ...order, amountMinor: '100' }],
    ['a currency that is none', create, { ...order, currency: 'EURO' }],
    ['a payee by both', create, { ...order, payee: { id: 'usr_1', email: 'a@example.com' } }],
    ['a malformed id of the payee', create, { ...order, payee: { id: 'usr_1' } }],
    ['a card number', create, { ...order, description: '4242 4242 4242 4242' }],
    ['a card number in metadata', create, { ...order, metadata: { card: '4242424242424242' } }],
    ['a key of metadata that is too long', create, { ...order, metadata: { ['k'.repeat(41)]: 'x' } }],
    ['a payment that does not exist', get, { id: `pay_${'0'.repeat(32)}` }],
    ['a malformed id', get, { id: 'pay_1' }],
    ['a wrong cursor', list, { cursor: 'nonsense' }],
    ['a short search', list, { q: 'ab' }],
    ['a day that is none', list, { from: '2026-02-30' }],
    ['a wrong password', auth.actions.tokens, { email: 'customer1@example.com', password: 'wrong' }],
    ['a wrong current password', auth.actions.changePassword, { currentPassword: 'x', newPassword: 'y' }],
    ['an old version', profile.actions.saveDetails, { version: 99, city: 'London' }],
    ['an unwritable language', profile.actions.savePreferences, { language: 'xx-XX' }],
  ])('refuse %s alike', async (_what, action, params, key = `alike-${performance.now()}`) => {
    const over = (door: typeof REST) => door.run(world, action, params, { token: tokenFor(action), key });
    const [rest, graphql] = [seen(await over(REST)), seen(await over(GRAPHQL))];
    expect(rest).toHaveProperty('code');
    expect(graphql).toEqual(rest);
  });

  test('pay once for one key, whichever is asked first', async () => {
    const payer = people.CUSTOMER;
    const params = { ...order, payee: { id: (people.VENDOR.caller as Caller).userId } };
    const asked = { token: payer.accessToken, key: 'once' };
    const first = await GRAPHQL.run(world, create, params, asked);
    const again = await REST.run(world, create, params, asked);
    expect(first).toHaveProperty('result.id');
    expect((again as { result: object }).result).toEqual((first as { result: object }).result);
    const other = { ...params, amountMinor: 200 };
    expect(seen(await GRAPHQL.run(world, create, other, asked))).toMatchObject({
      code: 'idempotency_key_reused',
    });
  });
});

describe('over GraphQL', () => {
  test('timelines and avatars of a list are those of each payment, for one call each', async () => {
    const { accessToken: token, caller } = world.payer;
    const query = `{
      paymentsList { nodes { id timeline { at status reason } payer { avatarUrl } payee { avatarUrl } } }
      paymentsGet(id: "${world.paymentId}") { timeline { at status reason } }
    }`;
    const before = await callsOf('payments.timelines', 'profile.avatars');
    const reply = await world.ask('POST /api/graphql', { token, json: { query } });
    const { data } = (await reply.json()) as {
      data: { paymentsList: { nodes: object[] }; paymentsGet: object };
    };
    expect(data.paymentsList.nodes).toContainEqual({
      id: world.paymentId,
      ...data.paymentsGet,
      payer: { avatarUrl: null },
      payee: { avatarUrl: null },
    });
    expect(await callsOf('payments.timelines', 'profile.avatars')).toEqual(before.map((count) => count + 1));
    const other = await world.ask('POST /api/graphql', {
      token: people.CUSTOMER.accessToken,
      json: { query },
    });
    expect(JSON.stringify(await other.json())).not.toContain(caller.userId);
  });

  test.each(named(ACTIONS))(
    'a wrong value for %s is refused, or taken, and never a 500',
    async (name, action) => {
      const params = ROWS[name]!.params(world);
      const token = tokenFor(action);
      for (const { param } of argumentsOf(await schemaOf(world), action)) {
        const run = (value: unknown) =>
          GRAPHQL.run(
            world,
            action,
            { ...params, [param]: value },
            { token, key: `bad-${performance.now()}` },
          );
        for (const [value] of UNSTORABLE) {
          const outcome = seen(await run(value));
          expect([value, outcome]).toEqual([value, expect.objectContaining({ code: 'invalid_params' })]);
        }
        for (const value of ODD) {
          const outcome = await run(value);
          if (!('code' in outcome)) continue;
          // A page may be too large to be asked for.
          const more = param === 'limit' ? (['bad_request'] as const) : [];
          expect(['invalid_params', ...more, ...action.errors]).toContain(outcome.code);
          const paths = outcome.errors?.map(({ path }) => path.split('.')[0]) ?? [];
          if (outcome.code === 'invalid_params') expect(new Set(paths)).toEqual(new Set([param]));
        }
      }
    },
  );
});
