import type { Caller } from '../../../broker/calls/envelope.ts';
import { settableClock } from '../../../broker/process/clock.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { signInAttempts, WRONG_PASSWORD } from '../testing/sign-in-attempts.ts';
import { callerOf, PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

const clock = settableClock();
let app: AuthApp;
beforeAll(async () => {
  app = await startAuth({ clock });
});
afterAll(() => app?.stop());

describe('a change of the password', () => {
  const newPassword = 'Another-Password-9';
  const changes = async (as: Caller, passwords: readonly string[]): Promise<string[]> => {
    const outcomes: string[] = [];
    for (const currentPassword of passwords) {
      const change = app.call(auth.actions.changePassword, { currentPassword, newPassword }, { as });
      outcomes.push(
        await change.then(
          () => 'changed',
          (error: unknown) => (error as { code: string }).code,
        ),
      );
    }
    return outcomes;
  };
  const wrong = (count: number) => Array<string>(count).fill(WRONG_PASSWORD);

  it('is locked in a session that guesses the password, also with the right one', async () => {
    const owner = await app.register();
    const stolen = callerOf(owner);
    expect(await changes(stolen, [...wrong(5), WRONG_PASSWORD, PASSWORD])).toEqual([
      ...Array(5).fill('wrong_password'),
      'sign_in_locked',
      'sign_in_locked',
    ]);
    // The owner signs in and changes the password in another session.
    const other = callerOf(await app.login(owner));
    expect(await changes(other, [PASSWORD])).toEqual(['changed']);
  });

  it('checks five of twenty concurrent guesses', async () => {
    const as = callerOf(await app.register());
    const codes = (await Promise.all(wrong(20).map((password) => changes(as, [password])))).flat();
    expect(codes.filter((code) => code === 'wrong_password')).toHaveLength(5);
    expect(codes.filter((code) => code === 'sign_in_locked')).toHaveLength(15);
  });

  it('is possible again after the lockout, and a success resets the failures', async () => {
    const as = callerOf(await app.register());
    await changes(as, wrong(5));
    clock.set(clock.nowMs() + 60_000);
    expect(await changes(as, [PASSWORD])).toEqual(['changed']);
    expect(await changes(as, wrong(4))).toEqual(Array(4).fill('wrong_password'));
  });

  it('is not locked by failed sign-ins, nor by new passwords that are the current one', async () => {
    const owner = await app.register();
    await signInAttempts(app).attempts(5, owner.user.email, WRONG_PASSWORD);
    const as = callerOf(owner);
    for (let n = 0; n < 6; n++) {
      const same = { currentPassword: PASSWORD, newPassword: PASSWORD };
      await expect(app.call(auth.actions.changePassword, same, { as })).rejects.toMatchObject({
        code: 'password_unchanged',
      });
    }
    expect(await changes(as, [PASSWORD])).toEqual(['changed']);
  });
});
