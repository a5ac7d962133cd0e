import { openTestDatabase, type TestDatabase } from '../../broker/testing/test-database.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { OLD_IDS } from '../../scripts/poc2/mapping/ids.ts';
import { POC2_ROUTES } from '../../services/gateway/http/poc2/routes.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { ROLES } from '../../shared/contracts/roles.ts';
import { poc2Client } from './poc2-client.ts';
import { NOBODY, OLD_PAYMENT, REFUSED } from './poc2-refusals.ts';
import { PASSWORD, startWorld, type World } from './world.ts';

const OLD_PAYEE = '0b3c4f3e-9d1c-4f62-a2a7-3a7b7f4a9c11';

let world: World;
const databases: TestDatabase[] = [];

/** A database of the service into which something was copied from POC-2. */
const copiedInto = async (service: string): Promise<string> => {
  const migrations = new URL(`../../services/${service}/migrations/`, import.meta.url);
  const database = await openTestDatabase({ migrations });
  databases.push(database);
  await database.db.query(`create table ${OLD_IDS.table} (${OLD_IDS.columns})`);
  return database.url;
};

beforeAll(async () => {
  world = await startWorld(undefined, {
    POC2_API: 'on',
    AUTH_DATABASE_URL: await copiedInto('auth'),
    PAYMENTS_DATABASE_URL: await copiedInto('payments'),
    PAYMENTS_DRIVER_SLOTS: '0',
  });
  const [auth, paying] = databases;
  const insert = `insert into ${OLD_IDS.table} values ($1, $2)`;
  await auth?.db.query(insert, [OLD_PAYEE, world.payee.caller.userId]);
  await paying?.db.query(insert, [OLD_PAYMENT, world.paymentId]);
}, 60_000);
afterAll(async () => {
  await world?.services.stop();
  for (const database of databases) await database.end();
});

const as = (who: 'payer' | 'payee' | 'admin') => {
  const client = poc2Client(world);
  client.use(world[who].accessToken);
  return client;
};
const order = (more: object = {}) => ({
  ...{ type: 'instant', amount: '100.10', currency: 'EUR', description: 'Lunch' },
  ...{ recipientEmail: world.payee.email, ...more },
});

test('a client registers, signs in, pays, lists, refreshes and signs out', async () => {
  const client = poc2Client(world);
  const account = { email: 'Old.Client@example.com', password: PASSWORD, name: 'Old Client' };
  const registered = await client.enter('/auth/register', account);
  expect([registered.status, registered.data]).toEqual([
    201,
    {
      user: expect.objectContaining({
        email: 'old.client@example.com',
        name: 'Old Client',
        role: 'CUSTOMER',
      }),
      accessToken: expect.any(String),
      refreshToken: expect.stringMatching(/^rt_/),
      expiresIn: '600s',
    },
  ]);
  expect(registered.headers.getSetCookie()).toEqual([]);
  const { user } = registered.data;
  const { email } = account;
  const signedIn = await client.enter('/auth/login', { email, password: PASSWORD });
  expect(signedIn.data).toMatchObject({ user, expiresIn: '600s' });
  expect((await client.request('GET', '/auth/me')).data).toEqual(user);

  const paid = await client.request('POST', '/payments', order());
  expect([paid.status, paid.data]).toEqual([
    201,
    expect.objectContaining({
      ...{ amount: '100.10', currency: 'EUR', status: 'pending', type: 'instant', description: 'Lunch' },
      ...{ recipientId: world.payee.caller.userId, completedAt: null },
    }),
  ]);
  expect(paid.text).toContain('"amount":"100.10"');
  const { data } = await client.request(
    'GET',
    '/payments?page=1&limit=10&sort=amount&order=asc&type=instant',
  );
  expect(data).toEqual({
    payments: [paid.data],
    pagination: { page: 1, limit: 10, total: 1, totalPages: 1 },
  });
  const found = await client.request('GET', `/payments/${String(paid.data['id'])}`);
  expect(found.data).toEqual({
    ...paid.data,
    transactions: [
      {
        ...{ paymentId: paid.data['id'], status: 'pending', statusMessage: null },
        createdAt: paid.data['createdAt'],
      },
    ],
  });

  const former = client.tokens();
  const refreshed = await client.refresh();
  expect(Object.keys(refreshed.data)).toEqual(['accessToken', 'refreshToken', 'expiresIn']);
  expect(client.tokens().refreshToken).not.toBe(former.refreshToken);
  expect((await client.request('POST', '/auth/logout', client.tokens())).data).toEqual({
    message: 'Logged out successfully',
  });
  const after = await client.request('GET', '/auth/me');
  expect([after.status, after.error?.code]).toEqual([401, 'INVALID_TOKEN']);
});

test('a double submit makes one payment, before and after the first answer', async () => {
  const client = as('payer');
  const body = order({ amount: 77.7, description: ' Tickets ', metadata: { seats: 2, row: 'F' } });
  const both = await Promise.all([1, 2, 3].map(() => client.request('POST', '/payments', body)));
  const otherwise = { ...body, recipientEmail: ` ${world.payee.email.toUpperCase()} `, amount: '77.7' };
  const again = await client.request('POST', '/payments', otherwise);
  const ids = [...both, again].map(({ data }) => data['id']);
  expect(new Set(ids).size).toBe(1);
  expect(again.headers.get('idempotent-replayed')).toBe('true');
  expect(again.data).toMatchObject({ amount: '77.70', metadata: { seats: '2', row: 'F' } });
  const others = [
    await client.request('POST', '/payments', { ...body, description: 'Others' }),
    await client.request('POST', '/payments', body, { 'idempotency-key': 'meant-twice' }),
  ];
  const cancelled = await client.request('PATCH', `/payments/${String(ids[0])}/status`, {
    status: 'cancelled',
  });
  expect(cancelled.data).toMatchObject({ id: ids[0], status: 'cancelled' });
  expect(new Set([...ids, ...others.map(({ data }) => data['id'])]).size).toBe(3);
});

test.each([
  ['0.50', 'EUR', '0.50', 50],
  [100.1, 'USD', '100.10', 10_010],
  ['500.00', 'JPY', '500', 500],
  [500, 'JPY', '500', 500],
  ['1.23', 'KWD', '1.230', 1_230],
  ['1.2345', 'KWD', null, null],
  ['90071992547409.92', 'EUR', null, null],
])('%j %s is exact', async (amount, currency, written, minor) => {
  const client = as('payer');
  const made = await client.request('POST', '/payments', order({ amount, currency, description: 'exact' }));
  if (written === null) return expect(made.error?.details).toMatchObject([{ path: 'amount' }]);
  const id = made.data['id'] as never;
  expect(made.data['amount']).toBe(written);
  const ours = await world.services.call(payments.actions.get, { id }, { as: world.payer.caller });
  expect(ours.amountMinor).toBe(minor);
});

test('pages by number, within the dates that are given', async () => {
  const client = as('payee');
  const all = (await client.request('GET', '/payments?limit=100')).data;
  const list = all['payments'] as { id: string; createdAt: string }[];
  const second = (await client.request('GET', '/payments?page=2&limit=1')).data;
  expect(second).toEqual({
    payments: [list[1]],
    pagination: { page: 2, limit: 1, total: list.length, totalPages: list.length },
  });
  const { createdAt } = list[1] as { createdAt: string };
  const dates = `startDate=${createdAt}&endDate=${createdAt}`;
  expect((await client.request('GET', `/payments?${dates}`)).data['payments']).toEqual([list[1]]);
});

test.each(REFUSED)('%s %s with %j is refused', async (method, path, body, status, code, field) => {
  const sent = path === '/payments' ? order(body as object) : body;
  const { success, error, ...answer } = await as('payer').request(method, path, sent);
  expect([answer.status, success, error?.code]).toEqual([status, false, code]);
  if (field !== null) expect(error?.details?.map((one) => one.path)).toContain(field);
});

test('nobody registers as ADMIN', async () => {
  const account = { email: 'boss@example.com', password: PASSWORD, name: 'Boss', role: 'ADMIN' };
  expect((await poc2Client(world).enter('/auth/register', account)).error?.details).toMatchObject([
    { path: 'role' },
  ]);
});

test('ids of POC-2 are taken wherever ours are', async () => {
  const { paymentId, payee } = world;
  const client = as('payer');
  expect((await client.request('GET', `/payments/${OLD_PAYMENT}`)).data['id']).toBe(paymentId);
  const token = world.payer.accessToken;
  const ours = await world.ask(`GET /api/payments/${OLD_PAYMENT}`, { token });
  expect(await ours.json()).toMatchObject({ id: paymentId, amountMinor: 1_234 });
  const paid = await client.request('POST', '/payments', {
    ...order({ recipientEmail: undefined, recipientId: OLD_PAYEE, amount: '5.00' }),
  });
  expect(paid.data['recipientId']).toBe(payee.caller.userId);
  const user = await as('admin').request('GET', `/admin/users/${OLD_PAYEE}`);
  expect(user.data).toMatchObject({ id: payee.caller.userId, email: payee.email, role: 'VENDOR' });
  const cancelled = await client.request('PATCH', `/payments/${OLD_PAYMENT}/status`, { status: 'cancelled' });
  expect(cancelled.data).toMatchObject({ id: paymentId, status: 'cancelled' });
});

test('profile and preferences are read and changed', async () => {
  const client = as('payer');
  const given = { phoneNumber: '+44 20 7946 0018', address: 'Main Street 1\n12345 Berlin', bio: 'Hello' };
  const saved = await client.request('PUT', '/profile', given);
  const profile = {
    ...{ userId: world.payer.caller.userId, phone: '+442079460018', avatarUrl: null },
    ...{ address: given.address, bio: 'Hello' },
  };
  expect(saved.data).toEqual(profile);
  expect((await client.request('PUT', '/profile', { ...profile, bio: '' })).data).toEqual({
    ...profile,
    bio: null,
  });
  expect((await client.request('GET', '/profile')).data['address']).toBe(given.address);

  const preferences = { theme: 'dark', language: 'de', currency: 'chf', timezone: 'Europe/Zurich' };
  const changed = await client.request('PUT', '/profile/preferences', {
    ...preferences,
    notifications: { email: false, push: false, sms: false },
  });
  expect(changed.data).toEqual({
    ...{ theme: 'dark', language: 'de-DE', currency: 'CHF', timezone: 'Europe/Zurich' },
    notifications: { email: false, push: false, sms: false },
  });
  expect((await client.request('GET', '/profile/preferences')).data).toEqual(changed.data);
});

test('administrators list users, change a role and read the audit log', async () => {
  const client = as('admin');
  const { userId } = (await world.register('CUSTOMER')).caller;
  const role = await client.request('PUT', `/admin/users/${userId}/role`, { role: 'VENDOR' });
  expect(role.data).toMatchObject({ id: userId, role: 'VENDOR' });
  const { data } = await client.request('GET', '/admin/users?role=VENDOR&sort=email&order=asc&limit=1');
  expect(data['users']).toHaveLength(1);
  expect(data['pagination']).toMatchObject({ page: 1, limit: 1, total: 2, totalPages: 2 });
  expect((await client.request('GET', '/admin/users?search=')).data['users']).not.toEqual([]);
  const path = `/admin/audit-logs?action=USER_ROLE_CHANGED&userId=${userId}&limit=5`;
  const entry = await eventually(async () => {
    const { data: page } = await client.request('GET', path);
    return (page['data'] as unknown[])[0] ?? null;
  });
  expect(entry).toMatchObject({
    ...{ action: 'USER_ROLE_CHANGED', userId: world.admin.caller.userId, resourceId: userId },
    details: { after: { role: 'VENDOR' }, reason: expect.stringContaining('POC-2') },
  });
  const ofOld = await client.request('GET', `/admin/audit-logs?userId=${OLD_PAYEE}`);
  expect(ofOld.data['pagination']).not.toMatchObject({ total: 0 });
  for (const [oldId, id] of [
    [OLD_PAYEE, world.payee.caller.userId],
    [OLD_PAYMENT, world.paymentId],
  ])
    expect(
      await eventually(async () => {
        const { data: page } = await client.request('GET', `/admin/audit-logs?resourceId=${oldId}&limit=1`);
        return (page['data'] as { resourceId: string }[])[0]?.resourceId ?? null;
      }),
    ).toBe(id);
  const ofNobody = await client.request('GET', '/admin/audit-logs?resourceId=' + crypto.randomUUID());
  expect(ofNobody.data['pagination']).toMatchObject({ total: 0 });
});

const endpoints = POC2_ROUTES.flatMap(({ routes, action }) => routes.map((text) => [text, action] as const));
describe.each(endpoints)('%s', (text, { permission }) => {
  const [method = '', path = ''] = text.replace(':id', NOBODY).split(' ');
  const ask = (client: ReturnType<typeof poc2Client>) =>
    client.request(method, path, method === 'GET' ? undefined : { status: 'cancelled', role: 'VENDOR' });

  test('is for those of its contract only', async () => {
    if (permission === 'anyone') {
      const { status } = await ask(poc2Client(world));
      expect(status).toBeLessThan(500);
      return expect(status).not.toBe(403);
    }
    expect((await ask(poc2Client(world))).error?.code).toBe('UNAUTHORIZED');
    for (const role of ROLES) {
      const client = poc2Client(world);
      client.use((await sessionOf(role)).accessToken);
      const mayAsk = permission === 'signed-in' || permission.includes(role as never);
      const { error, status } = await ask(client);
      expect(status).toBeLessThan(500);
      if (mayAsk) expect(['UNAUTHORIZED', 'FORBIDDEN', 'INVALID_TOKEN']).not.toContain(error?.code);
      else expect(error?.code).toBe('FORBIDDEN');
    }
  });
});

const sessions = new Map<string, Promise<{ accessToken: string }>>();
/** A session of the role; a new one each time for the endpoint that ends it. */
const sessionOf = (role: (typeof ROLES)[number]): Promise<{ accessToken: string }> => {
  const ending = expect.getState().currentTestName?.includes('/auth/logout');
  const known = ending ? undefined : sessions.get(role);
  const session = known ?? world.register(role);
  if (!ending) sessions.set(role, session);
  return session;
};
