import { auth } from '../../../shared/contracts/auth/auth.ts';
import { callerOf, PASSWORD, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';

let app: AuthApp;
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app?.stop());

const name = (signedIn: SignedIn, id: string, text: string | null) =>
  app.call(auth.actions.nameSession, { id, name: text }, { as: callerOf(signedIn) });
const namesOf = async (signedIn: SignedIn) =>
  Object.fromEntries(
    (await app.call(auth.actions.sessions, {}, { as: callerOf(signedIn) })).items.map((one) => [
      one.id,
      one.name,
    ]),
  );
const idOf = (signedIn: SignedIn): string => callerOf(signedIn).sessionId;

describe('the name of a device', () => {
  it('is given by its user and taken away with null, and is announced', async () => {
    const signedIn = await app.register();
    const other = await app.login(signedIn);
    expect(await namesOf(signedIn)).toEqual({ [idOf(signedIn)]: null, [idOf(other)]: null });
    await name(signedIn, idOf(other), '  Work laptop ');
    expect(await namesOf(other)).toEqual({ [idOf(signedIn)]: null, [idOf(other)]: 'Work laptop' });
    await name(other, idOf(other), null);
    expect((await namesOf(signedIn))[idOf(other)]).toBeNull();
    expect(await app.eventsOf('sessionNamed', signedIn.user.id, 2)).toMatchObject([
      { sessionId: idOf(other) },
      { sessionId: idOf(other) },
    ]);
  });

  it('stays with the device at its next sign-in and names its other sessions', async () => {
    const signedIn = await app.register();
    const { deviceToken } = signedIn.tokens;
    const account = { email: signedIn.user.email, password: PASSWORD };
    const again = await app.call(auth.actions.login, { ...account, deviceToken });
    const elsewhere = await app.login(signedIn);
    await name(again, idOf(again), 'Phone');
    const later = await app.call(auth.actions.login, { ...account, deviceToken });
    expect(await namesOf(signedIn)).toEqual({
      [idOf(signedIn)]: 'Phone',
      [idOf(again)]: 'Phone',
      [idOf(later)]: 'Phone',
      [idOf(elsewhere)]: null,
    });
  });

  it('is not for others to give, nor for a session that has ended', async () => {
    const signedIn = await app.register();
    const stranger = await app.register();
    const ended = await app.login(signedIn);
    await app.call(auth.actions.logout, {}, { as: callerOf(ended) });
    const refused = { code: 'session_not_found' };
    await expect(name(stranger, idOf(signedIn), 'Mine')).rejects.toMatchObject(refused);
    await expect(name(signedIn, idOf(ended), 'Gone')).rejects.toMatchObject(refused);
    expect(await namesOf(signedIn)).toEqual({ [idOf(signedIn)]: null });
  });

  it('has one to forty characters on one line', async () => {
    const signedIn = await app.register();
    for (const text of ['', '   ', 'x'.repeat(41), 'two\nlines'])
      await expect(name(signedIn, idOf(signedIn), text)).rejects.toMatchObject({ code: 'invalid_params' });
    await name(signedIn, idOf(signedIn), 'x'.repeat(40));
  });
});
