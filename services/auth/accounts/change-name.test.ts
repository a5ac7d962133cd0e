import { auth } from '../../../shared/contracts/auth/auth.ts';
import { callerOf, startAuth, type AuthApp } from '../testing/start-auth.ts';

const { changeName, me, suspend } = auth.actions;

let app: AuthApp;
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app.stop());

describe('the own name', () => {
  it('changes for the caller only, with an event for those who show it', async () => {
    const [ada, bob] = [await app.register(), await app.register()];
    const as = callerOf(ada);
    expect(await app.call(changeName, { name: '  Ada   King ' }, { as })).toEqual({
      ...ada.user,
      name: 'Ada King',
    });
    expect(await app.call(me, {}, { as })).toMatchObject({ name: 'Ada King' });
    expect(await app.call(me, {}, { as: callerOf(bob) })).toMatchObject({ name: 'Ada' });
    const events = await app.eventsOf('userChanged', ada.user.id, 2);
    expect(events[1]).toMatchObject({ id: ada.user.id, name: 'Ada King', version: 2 });
  });

  it('publishes nothing when it stays', async () => {
    const ada = await app.register();
    await app.call(changeName, { name: 'Ada' }, { as: callerOf(ada) });
    await app.eventsOf('userChanged', ada.user.id, 1);
  });

  it.each(['', ' ', 'x'.repeat(101), 'two\nlines', 'Раypal'])('is refused: %j', async (name) => {
    const ada = await app.register();
    await expect(app.call(changeName, { name }, { as: callerOf(ada) })).rejects.toMatchObject({
      code: 'invalid_params',
    });
  });

  it('is refused to a suspended user, whose token a process may still take', async () => {
    const ada = await app.register();
    const about = { id: ada.user.id, reason: 'test of names' };
    await app.call(suspend, about, { as: await app.admin() });
    await expect(app.call(changeName, { name: 'Eve' }, { as: callerOf(ada) })).rejects.toMatchObject({
      code: 'session_ended',
    });
  });
});
