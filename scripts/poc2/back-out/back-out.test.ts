import { verify } from '@node-rs/bcrypt';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import type { TestServices } from '../../../broker/testing/start-services.ts';
import { callerOf } from '../../../services/auth/testing/start-auth.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { payments, type Payment } from '../../../shared/contracts/payments.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { uuidIn } from '../mapping/ids.ts';
import { copyInto, targetSystem, type TargetSystem } from '../testing/copying.ts';
import { lostInPoc2, MANY_LIMIT_MS, payManyTimes } from '../testing/many-payments.ts';
import { backOutOf, movedSystem, settled, startPayloom } from '../testing/moved.ts';
import { ALL_OPTIONS, sampleSource, type SampleSource } from '../testing/sample-source.ts';

/** That of all users of the sample. */
const PASSWORD = 'TestPassword123!';
const OTHER = 'Another-Password-9';
const OPTIONS = { ...ALL_OPTIONS, settings: { maintenance_mode: 'paymentsStopped' as const } };
const reason = 'For the test';

type Known = { id: UserId; oldId: string; email: string };

let source: SampleSource;
let system: TargetSystem;
let app: TestServices;
beforeAll(async () => {
  source = await sampleSource(60, 200);
  await source.client.query(
    `update refresh_tokens set expires_at = now() + interval '5 days', created_at = now() - interval '1 day'
     where length(token) = 64`,
  );
  system = await movedSystem(source, OPTIONS);
  // The sandbox knows none of the payments of POC-2 that the move has cancelled.
  await system.query(
    'payments',
    "update processor_operations set step = 'done', next_attempt_at = null where kind = 'reversal'",
  );
}, 60_000);
afterAll(async () => {
  await app?.stop();
  await system?.close();
  await source?.drop();
});

const rowOf = async <Row>(sql: string, values: unknown[] = []): Promise<Row | undefined> =>
  (await source.client.query(sql, values)).rows[0] as Row | undefined;

/** Users of this role with a password of POC-2 and a live token there. */
const usersOf = (role: string): Promise<Known[]> =>
  system.query<Known>(
    'auth',
    `select u.id, o.old_id as "oldId", u.email from users u join poc2_ids o on o.new_id = u.id
     where u.role = $1 and u.password_hash like '$2b$%' and u.email !~ '[^a-z0-9.@-]' and exists (
       select from sessions s join refresh_tokens t on t.session_id = s.id where s.user_id = u.id)
     order by u.created_at`,
    [role],
  );

const signIn = async ({ email }: Pick<Known, 'email'>, password = PASSWORD): Promise<Caller> =>
  callerOf(await app.call(auth.actions.login, { email, password }));

const pay = (as: Caller, to: Known, key: string, paymentMethod = 'pm_card_visa'): Promise<Payment> =>
  app.call(
    payments.actions.create,
    { payee: { id: to.id }, amountMinor: 1_234, currency: 'EUR', paymentMethod, description: key } as never,
    { as, idempotencyKey: key },
  );

const ends = (id: Payment['id'], as: Caller, status: string) =>
  eventually(async () => (await app.call(payments.actions.get, { id }, { as })).status === status, 20_000);

const tokenOf = async ({ oldId }: Known): Promise<string> =>
  (await rowOf<{ token: string }>('select token from refresh_tokens where user_id = $1', [oldId]))?.token ??
  '';

/** What people do in Payloom. */
const use = async () => {
  const [ada, bea, cem, dan, eve] = (await usersOf('CUSTOMER')) as [Known, Known, Known, Known, Known];
  const [shop, mill] = (await usersOf('VENDOR')) as [Known, Known];
  const [chief] = (await usersOf('ADMIN')) as [Known];
  const born = await app.call(auth.actions.register, {
    email: 'born@example.com',
    password: OTHER,
    name: 'Born',
  });
  const newcomer = callerOf(born);
  const asAda = await signIn(ada);
  const asShop = await signIn(shop);
  await app.call(
    auth.actions.changePassword,
    { currentPassword: PASSWORD, newPassword: OTHER },
    { as: asShop },
  );
  const exchanged = await tokenOf(bea);
  await app.call(auth.actions.refresh, { refreshToken: exchanged });
  const done = await pay(asAda, shop, 'done');
  const declined = await pay(newcomer, mill, 'declined', 'pm_card_chargeDeclined');
  const cancelled = await pay(newcomer, shop, 'cancelled', 'pm_card_pending');
  await app.call(payments.actions.cancel, { id: cancelled.id }, { as: newcomer });
  await ends(done.id, asAda, 'completed');
  await ends(declined.id, newcomer, 'failed');
  const statuses = await payManyTimes(app, asAda, ada, [shop, mill]);
  const details = await app.call(profile.actions.details, {}, { as: asAda });
  await app.call(
    profile.actions.saveDetails,
    { version: details.version, phone: '+4930999999', city: 'Köln', addressLine1: 'Ring 1' },
    { as: asAda },
  );
  await app.call(profile.actions.savePreferences, { theme: 'dark', currency: 'CHF' }, { as: newcomer });
  const off = { paymentsReceived: false, paymentsSent: false, signIns: false };
  await app.call(profile.actions.savePreferences, { notifications: off }, { as: asShop });
  const as = await signIn(chief);
  await app.call(auth.actions.suspend, { id: cem.id, reason }, { as });
  await app.call(auth.actions.closeUser, { id: dan.id, reason }, { as });
  // Eve gets the address that Dan had.
  const moved = { id: eve.id, name: 'Eve Other', email: dan.email, reason };
  await app.call(auth.actions.editUser, moved, { as });
  await app.call(auth.actions.setRole, { id: eve.id, role: 'VENDOR', reason }, { as });
  await app.call(
    admin.actions.changeSetting,
    { key: 'paymentsStopped', value: true, version: 1, reason },
    { as },
  );
  await settled(system, MANY_LIMIT_MS);
  const people = { ada, bea, cem, dan, eve, shop, mill, chief };
  return { ...people, born, done, declined, cancelled, exchanged, many: await statuses() };
};

const contents = async (sql: string): Promise<unknown[]> => (await source.client.query(sql)).rows;

it(
  'what people did in Payloom is in POC-2 then, and what they did not touch is as it was',
  async () => {
    const passwordsBefore = await contents('select id, password_hash from users order by id');
    const paymentsBefore = await contents('select * from payments order by id');
    const entriesBefore = await contents('select * from audit_logs order by id');
    const kept = await contents('select user_id from refresh_tokens order by id');
    app = await startPayloom(system);
    const done = await use();
    await expect(backOutOf(system, source.url)).rejects.toThrow(
      /^The process "payloom .*" runs on this system/,
    );
    await app.stop();
    const [event] = await system.query<{ id: string; event: string; handled_at: Date }>(
      'admin',
      "delete from inbox where id = (select max(id) from inbox where event ~ 'user-changed$') returning *",
    );
    await expect(backOutOf(system, source.url)).rejects.toThrow('1 events of auth');
    await system.query('admin', 'insert into inbox (id, event, handled_at) values ($1, $2, $3)', [
      ...[event?.id, event?.event, event?.handled_at],
    ]);
    const [row] = await system.query<{ id: string }>('profile', 'select opening_system as id from poc2_run');
    expect(row?.id).toMatch(/^\d+$/);
    const moveTo = (id?: string) => system.query('profile', 'update poc2_run set opening_system = $1', [id]);
    await moveTo('1');
    await expect(backOutOf(system, source.url)).rejects.toThrow('profile is on another server');
    await moveTo(row?.id);
    const report = await backOutOf(system, source.url);
    expect(report).toMatchObject({ outcome: 'done', problems: [], differences: { count: 0, shown: [] } });

    const user = (id: string) =>
      rowOf<{ password_hash: string; email: string; name: string; role: string }>(
        'select * from users where id = $1',
        [id],
      );
    const { ada, bea, cem, dan, eve, shop, mill, born } = done;
    const bornId = uuidIn(born.user.id);
    expect(await user(bornId)).toMatchObject({ email: 'born@example.com', name: 'Born', role: 'CUSTOMER' });
    expect(await verify(OTHER, (await user(bornId))?.password_hash ?? '')).toBe(true);
    expect(await verify(OTHER, (await user(shop.oldId))?.password_hash ?? '')).toBe(true);
    // Ada has signed in: her hash was renewed in Payloom, and is her own in POC-2.
    const others = [shop, cem, dan].map(({ oldId }) => oldId);
    const unchanged = (rows: unknown[]) =>
      (rows as { id: string }[]).filter(({ id }) => !others.includes(id) && id !== bornId);
    expect(unchanged(await contents('select id, password_hash from users order by id'))).toEqual(
      unchanged(passwordsBefore),
    );
    for (const { oldId } of [cem, dan])
      expect(await verify(PASSWORD, (await user(oldId))?.password_hash ?? '')).toBe(false);
    expect((await user(cem.oldId))?.password_hash).toMatch(/^payloom:suspended:\$2b\$/);
    expect(await user(dan.oldId)).toMatchObject({ name: 'Closed account', password_hash: 'payloom:closed' });
    expect(await user(eve.oldId)).toMatchObject({ email: dan.email, name: 'Eve Other', role: 'VENDOR' });

    const tokens = (await contents('select user_id from refresh_tokens order by id')) as {
      user_id: string;
    }[];
    // Bea's was exchanged; the others' sessions were ended.
    const gone = new Set([bea, cem, dan, shop].map(({ oldId }) => oldId));
    expect(tokens).toEqual((kept as typeof tokens).filter(({ user_id: id }) => !gone.has(id)));

    const paid = await contents(
      `select p.id, sender_id, recipient_id, amount::text, status::text, failure_reason,
       completed_at is not null as completed, (
         select array_agg(t.status::text order by created_at, t.status) from payment_transactions t
         where t.payment_id = p.id) as timeline
     from payments p where description in ('done', 'declined', 'cancelled') order by p.id`,
    );
    expect(paid).toMatchObject([
      {
        ...{ id: uuidIn(done.done.id), sender_id: ada.oldId, recipient_id: shop.oldId, amount: '12.34' },
        ...{ status: 'completed', completed: true, timeline: ['pending', 'processing', 'completed'] },
      },
      {
        ...{ id: uuidIn(done.declined.id), sender_id: bornId, recipient_id: mill.oldId, status: 'failed' },
        ...{ failure_reason: expect.stringMatching(/decline/) as string, timeline: ['pending', 'failed'] },
      },
      {
        id: uuidIn(done.cancelled.id),
        status: 'cancelled',
        completed: false,
        timeline: ['pending', 'cancelled'],
      },
    ]);
    expect(await lostInPoc2(source.client, done.many)).toEqual([]);
    const added = [...paid.map((row) => (row as { id: string }).id), ...done.many.keys()];
    const isBefore = (row: unknown) => !added.includes((row as { id: string }).id);
    expect((await contents('select * from payments order by id')).filter(isBefore)).toEqual(paymentsBefore);

    expect(await rowOf('select phone, address from user_profiles where user_id = $1', [ada.oldId])).toEqual({
      phone: '+4930999999',
      address: expect.stringMatching(/^Ring 1\n(.*\n)?Köln$/) as string,
    });
    expect(await rowOf('select preferences from user_profiles where user_id = $1', [bornId])).toEqual({
      preferences: { theme: 'dark', currency: 'CHF' },
    });
    expect(
      await rowOf('select preferences from user_profiles where user_id = $1', [shop.oldId]),
    ).toMatchObject({
      preferences: { notifications: { email: false, push: false, sms: false } },
    });
    expect(await contents(`select from user_profiles where user_id = '${dan.oldId}'`)).toEqual([]);
    expect(await rowOf("select value, updated_by from system_config where key = 'maintenance_mode'")).toEqual(
      {
        value: true,
        updated_by: done.chief.oldId,
      },
    );

    const entries = await contents('select * from audit_logs order by id');
    const ids = new Set(entriesBefore.map((row) => (row as { id: string }).id));
    const fresh = (entries as { id: string; action: string; user_id: string; resource_id: string }[]).filter(
      ({ id }) => !ids.has(id),
    );
    expect(entries.filter((row) => ids.has((row as { id: string }).id))).toEqual(entriesBefore);
    expect(fresh).toContainEqual(
      expect.objectContaining({
        ...{
          action: 'ROLE_CHANGED',
          user_id: done.chief.oldId,
          resource_type: 'user',
          resource_id: eve.oldId,
        },
        details: expect.objectContaining({ reason }) as object,
      }),
    );
    for (const action of [
      'USER_CREATED',
      'LOGIN',
      'PASSWORD_CHANGED',
      'PAYMENT_COMPLETED',
      'USER_DEACTIVATED',
    ])
      expect(fresh.map((one) => one.action)).toContain(action);
    const [{ count }] = (await system.query<{ count: number }>(
      'admin',
      "select count(*)::int from entries where id not in (select new_id from poc2_ids) and action !~ '^poc2'",
    )) as [{ count: number }];
    expect(fresh).toHaveLength(count);
  },
  90_000 + 2 * MANY_LIMIT_MS,
);

it('POC-2 takes writes again, Payloom none, and the same command finds nothing to do', async () => {
  await source.client.query('update users set name = name where id = (select min(id) from users)');
  for (const database of ['auth', 'payments', 'profile', 'admin'] as const)
    expect(
      await system.query(
        database,
        `select to_regclass('closed') is not null as closed, opened_at, backed_out_at is not null as back
         from poc2_run`,
      ),
    ).toEqual([{ closed: true, opened_at: null, back: true }]);
  expect(await backOutOf(system, source.url)).toMatchObject({ outcome: 'done before' });
});

it('a second move gives what was born in Payloom its own id again', async () => {
  const ids = (database: 'auth' | 'payments' | 'admin', table: string, at: TargetSystem) =>
    at.query<{ id: string }>(database, `select id from ${table} order by id`);
  const again = await targetSystem();
  try {
    await copyInto(again, source.url, { options: OPTIONS, nowMs: Date.now(), batchRows: 1_000 });
    expect(await ids('auth', 'users', again)).toEqual(await ids('auth', 'users', system));
    expect(await ids('payments', 'payments', again)).toEqual(await ids('payments', 'payments', system));
    expect(await ids('admin', 'entries', again)).toEqual(await ids('admin', 'entries', system));
  } finally {
    await again.close();
  }
}, 60_000);
