import type { Caller } from '../../../broker/calls/envelope.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { callerOf, startAuth, type AuthApp } from '../testing/start-auth.ts';

let app: AuthApp;
let admin: Caller;
beforeAll(async () => {
  app = await startAuth();
  admin = await app.admin();
});
afterAll(() => app?.stop());

const reason = 'Cards of one thief';
const { suspend, closeUser, userDetails } = auth.actions;
const details = (id: UserId) => app.call(userDetails, { id }, { as: admin });
const close = (id: UserId) => app.call(closeUser, { id, reason }, { as: admin });

describe('a suspension of several users', () => {
  const { suspendUsers } = auth.actions;

  it('suspends or refuses each alone; a preview says so and changes nothing', async () => {
    const [ada, bob, eve] = [await app.register(), await app.register(), await app.register()];
    await app.call(suspend, { id: bob.user.id, reason }, { as: admin });
    await close(eve.user.id);
    const unknown = newId('user', Date.now());
    const ids = [ada.user.id, bob.user.id, eve.user.id, unknown, admin.userId];
    const items = [
      { id: ids[0], outcome: 'suspended', code: null },
      { id: ids[1], outcome: 'unchanged', code: null },
      { id: ids[2], outcome: 'refused', code: 'account_closed' },
      { id: unknown, outcome: 'refused', code: 'user_not_found' },
      { id: admin.userId, outcome: 'refused', code: 'own_account' },
    ];
    expect(await app.call(suspendUsers, { ids, reason, preview: true }, { as: admin })).toEqual({ items });
    await app.refresh(ada.tokens.refreshToken);
    expect(await app.call(suspendUsers, { ids, reason }, { as: admin })).toEqual({ items });
    expect((await details(ada.user.id)).state).toBe('suspended');
    expect(app.signalled.sessionIds).toContain(callerOf(ada).sessionId);
    expect(await app.eventsOf('userSuspended', ada.user.id, 1)).toMatchObject([{ by: admin.userId, reason }]);
    await app.eventsOf('userSuspended', bob.user.id, 1);
  });

  it.each([
    ['nobody', 0],
    ['101 users', 101],
  ])('of %s is refused', async (_what, count) => {
    const ids = Array.from({ length: count }, (_, n) => newId('user', n));
    const refused = app.call(suspendUsers, { ids, reason }, { as: admin });
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path: 'ids' }] },
    });
  });

  it('of a former administrator is refused as a whole', async () => {
    const former = await app.admin();
    await app.sql(`update users set role = 'CUSTOMER' where id = $1`, [former.userId]);
    const { user } = await app.register();
    const refused = app.call(suspendUsers, { ids: [user.id], reason }, { as: former });
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  });
});
