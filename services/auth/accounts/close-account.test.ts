import { auth } from '../../../shared/contracts/auth/auth.ts';
import { callerOf, PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

const { closeAccount, closeUser, me, refreshTokens, register, suspend } = auth.actions;

let app: AuthApp;
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app.stop());

const close = (as: ReturnType<typeof callerOf>, password = PASSWORD) =>
  app.call(closeAccount, { password }, { as });

describe('closing the own account', () => {
  it('anonymises it, ends every session at once, and publishes who did it', async () => {
    const ada = await app.register();
    const [other] = await app.startSessions(ada.user.id, 1);
    const as = callerOf(ada);
    await close(as);
    await expect(app.call(me, {}, { as })).rejects.toMatchObject({ code: 'unauthenticated' });
    const { refreshToken } = ada.tokens;
    await expect(app.call(refreshTokens, { refreshToken })).rejects.toMatchObject({ code: 'session_ended' });
    await expect(app.login(ada)).rejects.toMatchObject({ code: 'wrong_credentials' });
    expect(app.signalled.sessionIds).toEqual(expect.arrayContaining([as.sessionId, other?.sessionId]));
    expect(await app.eventsOf('accountClosed', ada.user.id, 1)).toEqual([
      { userId: ada.user.id, at: expect.any(String) as string },
    ]);
    const changes = await app.eventsOf('userChanged', ada.user.id, 2);
    expect(changes[1]).toMatchObject({ name: 'Closed account', status: 'deleted' });
    const rows = await app.sql('select * from users where id = $1', [ada.user.id]);
    expect(JSON.stringify(rows)).not.toContain(ada.user.email);
  });

  it('frees the e-mail address', async () => {
    const ada = await app.register();
    await close(callerOf(ada));
    const again = { email: ada.user.email, password: PASSWORD, name: 'Ada' };
    expect((await app.call(register, again)).user.id).not.toBe(ada.user.id);
  });

  it('needs the password, which cannot be guessed', async () => {
    const ada = await app.register();
    const as = callerOf(ada);
    for (let tries = 0; tries < 5; tries++)
      await expect(close(as, 'wrong')).rejects.toMatchObject({
        code: 'wrong_password',
        data: { errors: [expect.objectContaining({ path: 'password' })] },
      });
    await expect(close(as)).rejects.toMatchObject({ code: 'sign_in_locked' });
    expect(await app.call(me, {}, { as })).toMatchObject({ status: 'active' });
  });

  it('happens once when it is asked for twice at the same time', async () => {
    const ada = await app.register();
    const as = callerOf(ada);
    const results = await Promise.allSettled([close(as), close(as)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await app.eventsOf('accountClosed', ada.user.id, 1);
  });

  it('is refused to a suspended user and to an ended session', async () => {
    const ada = await app.register();
    await app.call(suspend, { id: ada.user.id, reason: 'test of closing' }, { as: await app.admin() });
    await expect(close(callerOf(ada))).rejects.toMatchObject({ code: 'session_ended' });
  });

  it('is refused to the last administrator, also when two leave at the same time', async () => {
    const admins = await app.sql(`select id from users where role = 'ADMIN' and status = 'active'`);
    const left = [await app.admin(), await app.admin()];
    for (const { id } of admins as { id: never }[])
      await app.call(closeUser, { id, reason: 'test of closing' }, { as: left[0]! });
    const results = await Promise.allSettled(left.map((as) => close(as)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = results.find((result) => result.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'last_admin' });
  });
});
