import type { Caller } from '../../../broker/calls/envelope.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../../broker/testing/start-services.ts';
import { findServices } from '../../../broker/process/find-services.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { AuditEntry } from '../../../shared/contracts/admin/audit.ts';
import type { SettingKey, SettingValue } from '../../../shared/contracts/admin/settings.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { ListedApproval } from '../../../shared/contracts/auth/approvals.ts';
import type { Id } from '../../../shared/contracts/ids.ts';
import { databaseWithTwoRoles, type TwoRoles } from '../testing/two-roles.ts';

const clock = settableClock();
const reason = 'The processor has an incident, ticket 7';
const NEEDED = { code: 'approval_needed' };
const { approve, reject, setRole } = auth.actions;

let roles: TwoRoles;
let app: TestServices;
let ada: Caller;
let bob: Caller;
beforeAll(async () => {
  roles = await databaseWithTwoRoles();
  const env = { ADMIN_DATABASE_URL: roles.url, ADMIN_OWNER_DATABASE_URL: roles.ownerUrl };
  app = await startServices(await findServices({ SERVICES: 'admin,auth' }), { env, clock });
});
beforeEach(async () => {
  await handled();
  await app.service('auth').db.query(`update users set role = 'CUSTOMER' where role = 'ADMIN'`);
  await app.service('auth').db.query('delete from approvals');
  await roles.owner.query('delete from settings');
  await roles.owner.query('delete from setting_changes');
  [ada, bob] = [await administrator('Ada'), await administrator('Bob')];
});
afterAll(async () => {
  await app?.stop();
  await roles?.drop();
});

let users = 0;
const administrator = async (name: string): Promise<Caller> => {
  const account = { email: `person${++users}@example.com`, password: 'TestPassword123!', name };
  const { id } = await app.call(auth.actions.createUser, { ...account, role: 'ADMIN' }, { from: 'test' });
  return { userId: id, role: 'ADMIN', sessionId: newId('session', 1) };
};
const change = (key: SettingKey, value: SettingValue, version: number, as = ada) =>
  app.call(admin.actions.changeSetting, { key, value: value as never, version, reason }, { as });
const settings = () => app.call(admin.actions.settings, {}, { as: ada });
const history = async (key: SettingKey) =>
  (await app.call(admin.actions.settingChanges, { key }, { as: ada })).items;
const waiting = async () =>
  (await app.call(auth.actions.approvals, {}, { as: bob })).items as [ListedApproval, ...ListedApproval[]];
const approveIt = (id: Id<'approval'>, as = bob) => app.call(approve, { id, reason: 'Agreed' }, { as });
/** Resolves when every event of both services is handled. */
const handled = () =>
  eventually(async () => {
    for (const name of ['admin', 'auth']) {
      const { db } = app.service(name);
      expect(await db.query('select from outbox')).toHaveLength(0);
      expect(await db.query('select from event_queue where dead_at is null')).toHaveLength(0);
    }
  }, 20_000);
const entriesOf = async (action: string): Promise<AuditEntry[]> => {
  await handled();
  return (await app.call(admin.actions.auditEntries, { action }, { as: ada })).items;
};
/** Payments are stopped, and Ada asks to start them again. */
const askToStart = async (): Promise<ListedApproval> => {
  await change('paymentsStopped', true, 0);
  await expect(change('paymentsStopped', false, 1)).rejects.toMatchObject(NEEDED);
  return (await waiting())[0];
};

it('a stop takes effect at once, with who, when, why, the value before and after', async () => {
  expect(await settings()).toEqual({
    paymentsStopped: { value: false, version: 0, changedBy: null, changedAt: null },
    signUpsStopped: { value: false, version: 0, changedBy: null, changedAt: null },
    largestAmounts: { value: {}, version: 0, changedBy: null, changedAt: null },
  });
  expect(await change('paymentsStopped', true, 0)).toEqual({
    key: 'paymentsStopped',
    value: true,
    version: 1,
  });
  await handled();
  const { paymentsStopped, signUpsStopped } = await settings();
  const by = { id: ada.userId, name: 'Ada' };
  expect(paymentsStopped).toEqual({
    ...{ value: true, version: 1, changedBy: by, changedAt: expect.any(String) as string },
  });
  expect(signUpsStopped.version).toBe(0);
  expect(await history('paymentsStopped')).toEqual([
    {
      ...{ key: 'paymentsStopped', before: false, after: true, version: 1, by, reason, approvalId: null },
      at: paymentsStopped.changedAt,
    },
  ]);
  expect((await entriesOf('admin.setting-changed'))[0]).toMatchObject({
    actor: { id: ada.userId, name: 'Ada' },
    target: { type: 'setting', id: 'paymentsStopped' },
    reason,
    before: { value: false },
    after: { value: true, version: 1 },
  });
});

it('everybody may read what is stopped, signed in or not', async () => {
  await change('largestAmounts', { EUR: 5_000 }, 0);
  expect(await app.call(admin.actions.publicSettings, {})).toEqual({
    ...{ paymentsStopped: false, signUpsStopped: false, largestAmounts: { EUR: 5_000 } },
  });
});

it('the same request again changes nothing and succeeds', async () => {
  const first = await change('signUpsStopped', true, 0);
  expect(await change('signUpsStopped', true, 0)).toEqual(first);
  expect(await history('signUpsStopped')).toHaveLength(1);
});

it('of two administrators at once one gets a conflict with the present value', async () => {
  for (let version = 0; version < 10; version++) {
    const outcomes = await Promise.allSettled([
      change('largestAmounts', { EUR: 9_000 - version, USD: 90_000 }, version),
      change('largestAmounts', { EUR: 8_000, USD: 9_000 - version }, version, bob),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = outcomes.find((one) => one.status === 'rejected')?.reason as Error;
    const { value } = (await settings()).largestAmounts;
    expect(lost).toMatchObject({
      code: 'setting_changed',
      data: {
        errors: [
          { path: 'version', message: `is ${version + 1} now, with the value ${JSON.stringify(value)}` },
        ],
      },
    });
    await roles.owner.query('update settings set value = $1', [JSON.stringify({ EUR: 90_000, USD: 90_000 })]);
  }
  expect(await history('largestAmounts')).toHaveLength(10);
});

it('a history is read page by page; a cursor belongs to its setting', async () => {
  for (let version = 0; version < 5; version++)
    await change('largestAmounts', { EUR: 900 - version }, version);
  const page = (cursor?: string, key: SettingKey = 'largestAmounts') =>
    app.call(admin.actions.settingChanges, { key, limit: 2, ...(cursor && { cursor }) }, { as: ada });
  const first = await page();
  const second = await page(first.nextCursor as string);
  const third = await page(second.nextCursor as string);
  expect([first, second, third].map(({ items }) => items.map(({ version }) => version))).toEqual([
    [5, 4],
    [3, 2],
    [1],
  ]);
  expect(third.nextCursor).toBeNull();
  await expect(page(first.nextCursor as string, 'paymentsStopped')).rejects.toMatchObject({
    code: 'invalid_cursor',
  });
});

const BAD: [SettingKey, unknown, { path: string; code?: string }][] = [
  ['paymentsStopped', {}, { path: 'value' }],
  ['paymentsStopped', 'true', { path: 'value' }],
  ['signUpsStopped', { EUR: 5_000 }, { path: 'value' }],
  ['largestAmounts', true, { path: 'value' }],
  ['largestAmounts', { EUR: 100_000_000 }, { path: 'value.EUR', code: 'amount_over_limit' }],
  ['largestAmounts', { EUR: 49 }, { path: 'value.EUR', code: 'amount_under_limit' }],
  ['largestAmounts', { KWD: 1_001 }, { path: 'value.KWD', code: 'amount_step' }],
  ['largestAmounts', { EUR: 10.5 }, { path: 'value.EUR' }],
  ['largestAmounts', { EUR: -1 }, { path: 'value.EUR' }],
  ['largestAmounts', { EUR: null }, { path: 'value.EUR' }],
  ['largestAmounts', { XXX: 5_000 }, { path: 'value.XXX' }],
  ['largestAmounts', null, { path: 'value' }],
];
it.each(BAD)('%s cannot be %j', async (key, value, problem) => {
  await expect(change(key, value as never, 0)).rejects.toMatchObject({ data: { errors: [problem] } });
});

it('to start again waits for another administrator, who makes the change of the first one', async () => {
  const { id, ...asked } = await askToStart();
  expect(asked).toMatchObject({
    ...{ act: 'changeSetting', userId: null, email: null, role: null, name: null, users: null },
    setting: { key: 'paymentsStopped', before: true, value: false, version: 1 },
    ...{ requestedBy: ada.userId, reason, outcome: 'waiting' },
  });
  expect((await settings()).paymentsStopped.value).toBe(true);
  await expect(change('paymentsStopped', false, 1)).rejects.toMatchObject(NEEDED);
  await expect(change('paymentsStopped', false, 1, bob)).rejects.toMatchObject(NEEDED);
  expect(await waiting()).toHaveLength(1);
  await expect(approveIt(id, ada)).rejects.toMatchObject({ code: 'own_request' });
  expect(await approveIt(id)).toMatchObject({ issued: null, suspensions: null });
  await eventually(async () => expect((await settings()).paymentsStopped.value).toBe(false));
  expect((await history('paymentsStopped'))[0]).toMatchObject({
    ...{ before: true, after: false, version: 2, by: { id: ada.userId }, reason, approvalId: id },
  });
  const [entry] = await entriesOf('admin.setting-changed');
  expect(entry).toMatchObject({ actor: { id: ada.userId }, reason, after: { approvalId: id } });
  expect((await entriesOf('auth.approval-given'))[0]).toMatchObject({
    ...{ actor: { id: bob.userId }, target: { type: 'approval', id }, reason: 'Agreed' },
  });
  await expect(approveIt(id)).rejects.toMatchObject({ code: 'approval_over' });
  expect(await change('paymentsStopped', false, 1)).toMatchObject({ value: false, version: 2 });
});

it('an approval that is delivered twice changes the setting once', async () => {
  const { id } = await askToStart();
  await approveIt(id);
  await handled();
  await change('paymentsStopped', true, 2);
  await app.service('admin').db.query('delete from inbox');
  const { db } = app.service('auth');
  const [given] = await db.query<{ id: string }>(
    `select id from published_events where event = 'auth.approval-given' and payload::text like $1`,
    [`%${id}%`],
  );
  expect(given).toBeDefined();
  await db.query(
    `with again as (delete from published_events where id = $1 returning *)
     insert into outbox (id, event, version, payload, occurred_at, request_id, origin)
     select id, event, version, payload, occurred_at, request_id, origin from again`,
    [given?.id],
  );
  await handled();
  expect((await settings()).paymentsStopped).toMatchObject({ value: true, version: 3 });
});

it('an approved change is not made when the setting was changed meanwhile; an event says so', async () => {
  await change('largestAmounts', { EUR: 5_000 }, 0);
  await expect(change('largestAmounts', { EUR: 6_000 }, 1)).rejects.toMatchObject(NEEDED);
  const [{ id }] = await waiting();
  await change('largestAmounts', { EUR: 4_000 }, 1, bob);
  await approveIt(id);
  expect((await entriesOf('admin.setting-change-voided'))[0]).toMatchObject({
    actor: { id: ada.userId },
    target: { type: 'setting', id: 'largestAmounts' },
    after: { approvalId: id, value: { EUR: 6_000 }, version: 1 },
  });
  expect((await settings()).largestAmounts).toMatchObject({ value: { EUR: 4_000 }, version: 2 });
  expect(await history('largestAmounts')).toHaveLength(2);
});

it('to lower a limit waits for nobody, also beside one that waits to be raised', async () => {
  await change('largestAmounts', { EUR: 5_000, USD: 5_000 }, 0);
  await expect(change('largestAmounts', { EUR: 4_000 }, 1)).rejects.toMatchObject(NEEDED);
  expect(await change('largestAmounts', { EUR: 4_000, USD: 5_000 }, 1)).toMatchObject({ version: 2 });
});

it('a request is withdrawn or expires, and the request of a former administrator is void', async () => {
  const first = await askToStart();
  await app.call(reject, { id: first.id, reason: 'Not yet' }, { as: ada });
  await expect(change('paymentsStopped', false, 1)).rejects.toMatchObject(NEEDED);
  const [second] = await waiting();
  clock.set(clock.nowMs() + 24 * 3_600_000 + 1);
  await expect(approveIt(second.id)).rejects.toMatchObject({ code: 'approval_over' });
  await expect(change('paymentsStopped', false, 1)).rejects.toMatchObject(NEEDED);
  const [third] = await waiting();
  const carl = await administrator('Carl');
  await app.call(setRole, { id: ada.userId, role: 'CUSTOMER', reason }, { as: bob });
  await expect(approveIt(third.id, carl)).rejects.toMatchObject({ code: 'approval_over' });
  await handled();
  expect((await app.call(admin.actions.settings, {}, { as: bob })).paymentsStopped.value).toBe(true);
});

it('the only administrator starts again without an approval', async () => {
  await app.service('auth').db.query(`update users set role = 'CUSTOMER' where id = $1`, [bob.userId]);
  await change('paymentsStopped', true, 0);
  expect(await change('paymentsStopped', false, 1)).toMatchObject({ value: false, version: 2 });
});

it('who is no administrator cannot ask auth for an approval', async () => {
  const asked = { key: 'paymentsStopped', before: true, value: false, version: 1, reason } as const;
  const as = { ...ada, role: 'CUSTOMER' } as const;
  await expect(app.call(auth.actions.requestSettingChange, asked, { as })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

it('while the database does not answer, everybody gets the settings that were read last', async () => {
  await change('signUpsStopped', true, 0);
  const read = () => app.call(admin.actions.publicSettings, {});
  const known = await read();
  expect(known.signUpsStopped).toBe(true);
  await roles.owner.transaction(async (tx) => {
    await tx.query('lock table settings in access exclusive mode');
    expect(await Promise.all([read(), read(), read()])).toEqual([known, known, known]);
  });
});

it('those who ask at the same moment share a read, and each sees what was changed before', async () => {
  for (let version = 0; version < 5; version++) {
    await change('largestAmounts', { EUR: 1_000 - version }, version);
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => app.call(admin.actions.publicSettings, {})),
    );
    for (const { largestAmounts } of answers) expect(largestAmounts).toEqual({ EUR: 1_000 - version });
  }
});
