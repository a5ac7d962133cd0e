import type { Caller } from '../../../broker/calls/envelope.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { callerOf, OTHER_PASSWORD, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';

let app: AuthApp;
let admin: Caller;
beforeAll(async () => {
  app = await startAuth();
  admin = await app.admin();
});
afterAll(() => app?.stop());

const reason = 'Asked for by phone';
const { users, userDetails, userSessions, editUser, signOutUser, endUserSession } = auth.actions;
const { liftUserLockout, closeUser, suspend, resetPassword } = auth.actions;
const details = (id: UserId) => app.call(userDetails, { id }, { as: admin });
const close = (id: UserId, as = admin) => app.call(closeUser, { id, reason }, { as });
const edit = (id: UserId, changes: { name?: string; email?: string }, as = admin) =>
  app.call(editUser, { id, reason, ...changes }, { as });
const decided = { by: '', reason };
beforeAll(() => {
  decided.by = admin.userId;
});
const refreshOf = ({ tokens }: SignedIn) => app.refresh(tokens.refreshToken);
const ENDED = { code: 'session_ended' };

describe('one user', () => {
  it('is shown with sessions, last sign-in and lockout, without any secret', async () => {
    const signedIn = await app.register();
    const { id, email } = signedIn.user;
    await app.sql(
      `insert into sign_in_failures (id, kind, subject, failures, last_failure_at, locked_until)
       values ('lck_1', 'account', $1, 6.2, now(), now() + interval '1 minute')`,
      [email],
    );
    const shown = await details(id);
    expect(shown).toMatchObject({
      ...{ id, email, name: 'Ada', role: 'CUSTOMER', state: 'active', mustSetPassword: false, link: null },
      lockout: { failures: 7 },
      sessions: { items: [{ id: callerOf(signedIn).sessionId, method: 'registration' }], nextCursor: null },
    });
    expect(shown.lastSignInAt).toBe(shown.sessions.items[0]?.createdAt);
    expect(JSON.stringify(shown)).not.toMatch(/argon|hash|token/i);
  });

  it('has pages of sessions', async () => {
    const { user } = await app.register();
    await app.startSessions(user.id, 3);
    const first = await app.call(userSessions, { id: user.id, limit: 3 }, { as: admin });
    expect(first.items).toHaveLength(3);
    const cursor = String(first.nextCursor);
    const second = await app.call(userSessions, { id: user.id, limit: 3, cursor }, { as: admin });
    expect(second).toMatchObject({ items: [{}], nextCursor: null });
  });

  it('that does not exist is not found', async () => {
    const id = newId('user', Date.now());
    await expect(details(id)).rejects.toMatchObject({ code: 'user_not_found' });
    const sessions = app.call(userSessions, { id }, { as: admin });
    await expect(sessions).rejects.toMatchObject({ code: 'user_not_found' });
  });
});

describe('an edit', () => {
  it('changes name and address, publishes what it changed, and ends no session', async () => {
    const signedIn = await app.register();
    const { id, email } = signedIn.user;
    const newEmail = `moved-${email}`;
    expect(await edit(id, { name: 'Ada Lovelace', email: newEmail })).toMatchObject({
      name: 'Ada Lovelace',
      email: newEmail,
    });
    const before = { name: 'Ada', email };
    const after = { name: 'Ada Lovelace', email: newEmail };
    expect(await app.eventsOf('userEdited', id, 1)).toMatchObject([{ ...decided, before, after }]);
    expect(await app.eventsOf('userChanged', id, 2)).toMatchObject([{}, { ...after, version: 2 }]);
    await refreshOf(signedIn);
    await app.login({ user: { ...signedIn.user, email: newEmail } });
  });

  it('without a change publishes nothing', async () => {
    const { user } = await app.register();
    await edit(user.id, { name: user.name, email: user.email });
    await edit(user.id, { name: 'Other' });
    expect(await app.eventsOf('userEdited', user.id, 1)).toMatchObject([{ after: { name: 'Other' } }]);
  });

  it('to the address of another account, or one that cannot exist, is refused', async () => {
    const [{ user }, other] = [await app.register(), await app.register()];
    await expect(edit(user.id, { email: other.user.email.toUpperCase() })).rejects.toMatchObject({
      code: 'email_taken',
      data: { errors: [{ path: 'email' }] },
    });
    const impossible = edit(user.id, { email: 'ada@xn--99999999.example' });
    await expect(impossible).rejects.toMatchObject({ code: 'invalid_params' });
  });

  it('of the own address is refused, of the own name not', async () => {
    const own = edit(admin.userId, { email: 'typo@example.com' });
    await expect(own).rejects.toMatchObject({ code: 'own_account' });
    expect(await edit(admin.userId, { name: 'Alex' })).toMatchObject({ name: 'Alex' });
  });
});

describe('a forced sign-out', () => {
  it('ends all sessions at once, and none the second time', async () => {
    const signedIn = await app.register();
    const other = await app.login(signedIn);
    const { id } = signedIn.user;
    await app.call(signOutUser, { id, reason }, { as: admin });
    await app.call(signOutUser, { id, reason }, { as: admin });
    for (const one of [signedIn, other]) {
      await expect(refreshOf(one)).rejects.toMatchObject(ENDED);
      expect(app.signalled.sessionIds).toContain(callerOf(one).sessionId);
    }
    expect(await app.eventsOf('userSignedOut', id, 1)).toMatchObject([
      { ...decided, sessionId: null, before: { sessions: 2 }, after: { sessions: 0 } },
    ]);
    await app.login(signedIn);
  });

  it('of one session leaves the others', async () => {
    const signedIn = await app.register();
    const other = await app.login(signedIn);
    const { sessionId, userId } = callerOf(signedIn);
    const end = () => app.call(endUserSession, { id: userId, sessionId, reason }, { as: admin });
    await end();
    await expect(refreshOf(signedIn)).rejects.toMatchObject(ENDED);
    await refreshOf(other);
    await expect(end()).rejects.toMatchObject({ code: 'session_not_found' });
    expect(await app.eventsOf('userSignedOut', userId, 1)).toMatchObject([{ ...decided, sessionId }]);
  });

  it('does not end a session of another user', async () => {
    const [{ user }, other] = [await app.register(), await app.register()];
    const { sessionId } = callerOf(other);
    const end = app.call(endUserSession, { id: user.id, sessionId, reason }, { as: admin });
    await expect(end).rejects.toMatchObject({ code: 'session_not_found' });
    await refreshOf(other);
  });
});

describe('the lift of a user’s lockout', () => {
  it('lets the user sign in, and is no error without a lockout', async () => {
    const signedIn = await app.register();
    const { id, email } = signedIn.user;
    const lift = () => app.call(liftUserLockout, { id, reason }, { as: admin });
    await lift();
    await app.sql(
      `insert into sign_in_failures (id, kind, subject, failures, last_failure_at, locked_until)
       values ('lck_2', 'account', $1, 5, now(), now() + interval '1 minute')`,
      [email],
    );
    await expect(app.login(signedIn)).rejects.toMatchObject({ code: 'sign_in_locked' });
    await lift();
    await app.login(signedIn);
    expect((await details(id)).lockout).toBeNull();
    expect(await app.eventsOf('lockoutLifted', email, 1)).toMatchObject([
      { ...decided, userId: id, before: { failures: 5 }, after: { failures: 0 } },
    ]);
  });
});

describe('a closed account', () => {
  it('has lost name, address, devices and sessions everywhere, and keeps its id and role', async () => {
    const signedIn = await app.register({ address: '203.0.113.7', userAgent: 'Firefox/128.0 Linux' });
    const { id, email } = signedIn.user;
    const closed = await close(id);
    const { name } = closed;
    const anonymous = { name, email: closed.email };
    expect(name).toBe('Closed account');
    expect(closed.email).toMatch(/^closed-[0-9a-f]{32}@closed[.]invalid$/);
    expect(closed).toMatchObject({ ...anonymous, role: 'CUSTOMER', state: 'closed' });
    expect(await close(id)).toEqual(closed);
    await expect(refreshOf(signedIn)).rejects.toMatchObject(ENDED);
    expect(await app.eventsOf('userClosed', id, 1)).toMatchObject([
      { ...decided, before: { state: 'active' }, after: { state: 'closed' } },
    ]);
    expect(await app.eventsOf('userChanged', id, 2)).toMatchObject([
      {},
      { ...anonymous, status: 'deleted', version: 2 },
    ]);
    for (const table of ['users', 'sessions', 'known_devices', 'sign_in_failures', 'password_links']) {
      const rows = JSON.stringify(await app.sql(`select * from ${table}`));
      for (const trace of [email, '203.0.113.7', 'Firefox'])
        expect([table, rows.includes(trace)]).toEqual([table, false]);
    }
    await expect(app.login(signedIn)).rejects.toMatchObject({ code: 'wrong_credentials' });
    await expect(edit(id, { name: 'Back' })).rejects.toMatchObject({ code: 'account_closed' });
  });

  it('frees its e-mail address', async () => {
    const signedIn = await app.register();
    await close(signedIn.user.id);
    const { email } = signedIn.user;
    const account = { email, name: 'Eve', password: OTHER_PASSWORD };
    expect((await app.call(auth.actions.register, account)).user.id).not.toBe(signedIn.user.id);
  });
});

describe('every act', () => {
  const acts = [suspend, signOutUser, resetPassword, closeUser] as const;

  it.each(acts.map((action) => [action.name, action] as const))(
    '%s about oneself is refused',
    async (_name, action) => {
      const own = app.call(action, { id: admin.userId, reason }, { as: admin });
      await expect(own).rejects.toMatchObject({ code: 'own_account' });
    },
  );

  it.each([...acts, liftUserLockout, editUser].map((action) => [action.name, action] as const))(
    '%s needs a reason',
    async (_name, action) => {
      const { user } = await app.register();
      const without = app.call(action, { id: user.id, reason: '  ' } as never, { as: admin });
      await expect(without).rejects.toMatchObject({
        code: 'invalid_params',
        data: { errors: [{ path: 'reason', message: 'must give the reason in a sentence' }] },
      });
    },
  );

  it('leaves one administrator who can sign in, when two close or reset each other', async () => {
    for (let round = 0; round < 20; round++) {
      await app.sql(`update users set role = 'CUSTOMER' where role = 'ADMIN'`);
      const [a, b] = [await app.admin(), await app.admin()];
      const act = round % 2 ? closeUser : resetPassword;
      const outcomes = await Promise.allSettled([
        app.call(act, { id: b.userId, reason }, { as: a }),
        app.call(round % 4 < 2 ? act : suspend, { id: a.userId, reason }, { as: b }),
      ]);
      const refused = outcomes.filter((one) => one.status === 'rejected');
      expect(refused.map((one) => (one.reason as { code: string }).code)).toEqual(['last_admin']);
      const left = `select 1 from users
        where role = 'ADMIN' and status = 'active' and password_state = 'set'`;
      expect(await app.sql(left)).toHaveLength(1);
    }
    admin = await app.admin();
    decided.by = admin.userId;
  }, 60_000);

  it('of two who suspend and restore a user at once is one change with one event', async () => {
    const other = await app.admin();
    const { user } = await app.register();
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        app.call(suspend, { id: user.id, reason }, { as: admin }),
        app.call(auth.actions.restore, { id: user.id, reason }, { as: other }),
      ]);
    }
    const { state } = await details(user.id);
    const [{ suspended, restored }] = (await app.sql(
      `select count(*) filter (where event = 'auth.user-suspended')::int as suspended,
         count(*) filter (where event = 'auth.user-restored')::int as restored
       from (select event, payload from outbox union all select event, payload from published_events) as e
       where payload like '%' || $1 || '%'`,
      [user.id],
    )) as [{ suspended: number; restored: number }];
    expect(suspended - restored).toBe(state === 'suspended' ? 1 : 0);
  });
});

describe('the list', () => {
  it('is for administrators, finds people and pages', async () => {
    const list = (params: Record<string, unknown>, as = admin) => app.call(users, params as never, { as });
    const emails = await Promise.all(
      ['Zoë Example-Person', 'zoË Other'].map(async (name, index) => {
        const email = `zoe${index}@bücher.example`;
        await app.call(auth.actions.register, { email, name, password: OTHER_PASSWORD });
        return email;
      }),
    );
    expect(emails).toHaveLength(2);
    const { items } = await list({ q: 'ZOË', sort: 'name' });
    expect(items.map(({ name }) => name)).toEqual(['Zoë Example-Person', 'zoË Other']);
    expect((await list({ q: 'BÜCHER', sort: 'email' })).items).toHaveLength(2);
    const id = items[0]!.id;
    expect((await list({ q: id })).items.map((one) => one.id)).toEqual([id]);
    const first = await list({ q: 'zoë', limit: 1, sort: 'name' });
    const rest = await list({ q: 'zoë', limit: 1, sort: 'name', cursor: first.nextCursor });
    expect([...first.items, ...rest.items].map((one) => one.id)).toEqual(items.map((one) => one.id));
    expect(rest.nextCursor).toBeNull();
    await expect(list({ q: 'other', cursor: first.nextCursor })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
    await expect(list({}, callerOf(await app.register()))).rejects.toMatchObject({ code: 'forbidden' });
  });
});
