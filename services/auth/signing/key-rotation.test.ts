import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { settableClock } from '../../../broker/process/clock.ts';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { callerOf, startAuth, type AuthApp, type SignedIn } from '../testing/start-auth.ts';

const DAY_MS = 86_400_000;
const clock = settableClock();
let app: AuthApp;
let admin: Caller;
let signedIn: SignedIn;
beforeEach(async () => {
  clock.set(Date.now());
  app = await startAuth({ clock, env: { AUTH_SIGNING_KEY_MAX_AGE_DAYS: '30' } });
  admin = await app.admin();
  signedIn = await app.register();
});
afterEach(() => app?.stop());

const later = (ms: number) => clock.set(clock.nowMs() + ms);
const rotate = () => app.call(auth.actions.rotateKeys, { reason: 'A laptop was lost' }, { as: admin });
const states = async () =>
  (await app.call(auth.actions.signingKeys, {}, { as: admin })).items.map(({ id, state }) => [id, state]);
const kidOf = ({ tokens }: SignedIn) => decodeProtectedHeader(tokens.accessToken).kid as string;
/** A token signed with the current key. */
const refreshed = async () => {
  signedIn = await app.refresh(signedIn.tokens.refreshToken);
  return signedIn;
};
const published = async () => (await app.call(auth.actions.keys, {})).keys;
const verifies = async ({ tokens }: SignedIn) =>
  jwtVerify(tokens.accessToken, createLocalJWKSet({ keys: await published() } as unknown as JSONWebKeySet), {
    currentDate: clock.now(),
  });

describe('a rotation of signing keys', () => {
  it('publishes the new key at once, signs with it once it is known, and ends no session', async () => {
    const old = kidOf(signedIn);
    const next = await rotate();
    expect(next).toMatchObject({ state: 'next', createdAt: expect.any(String) });
    expect(await states()).toEqual([
      [next.id, 'next'],
      [old, 'signing'],
    ]);
    expect((await published()).map(({ kid }) => kid)).toEqual([next.id, old]);
    later(12_000);
    const before = await refreshed();
    expect(kidOf(before)).toBe(old);
    later(11_000);
    const after = await refreshed();
    expect(kidOf(after)).toBe(next.id);
    await verifies(before);
    await verifies(after);
    expect(await states()).toEqual([
      [next.id, 'signing'],
      [old, 'retiring'],
    ]);
    later(3_600_000);
    expect(await states()).toEqual([[next.id, 'signing']]);
    expect((await published()).map(({ kid }) => kid)).toEqual([next.id]);
    await verifies(await refreshed());
    expect(await app.eventsOf('keysRotated', next.id, 1)).toMatchObject([
      { by: admin.userId, reason: 'A laptop was lost' },
    ]);
  });

  it('may follow another rotation at once', async () => {
    const old = kidOf(signedIn);
    const [second, third] = [await rotate(), await rotate()];
    expect((await states()).map(([, state]) => state)).toEqual(['next', 'next', 'signing']);
    const before = await refreshed();
    expect(kidOf(before)).toBe(old);
    later(26_000);
    const after = await refreshed();
    expect(kidOf(after)).toBe(third.id);
    await verifies(before);
    await verifies(after);
    expect((await published()).map(({ kid }) => kid)).toEqual([third.id, second.id, old]);
  });

  it('happens without a request before a key reaches its maximum age', async () => {
    const old = kidOf(signedIn);
    later(30 * DAY_MS - 299_000);
    signedIn = await app.login(signedIn);
    expect(kidOf(signedIn)).toBe(old);
    const [[next, state]] = (await states()) as [[string, string]];
    expect(state).toBe('next');
    expect(await app.eventsOf('keysRotated', next, 1)).toMatchObject([{ by: null }]);
    later(26_000);
    expect(kidOf(await refreshed())).toBe(next);
    await verifies(signedIn);
    expect(await states()).toHaveLength(2);
  });

  it('is reserved to administrators', async () => {
    const as = callerOf(signedIn);
    const refused = app.call(auth.actions.rotateKeys, { reason: 'Why not' }, { as });
    await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
    await expect(app.call(auth.actions.signingKeys, {}, { as })).rejects.toMatchObject({ code: 'forbidden' });
  });
});

it('the first key signs at once, and its creation is not published as a rotation', async () => {
  expect(await states()).toEqual([[kidOf(signedIn), 'signing']]);
  await rotate();
  await app.eventsOf('keysRotated', admin.userId, 1);
  expect(app.published.filter(({ key }) => key === 'keysRotated')).toHaveLength(1);
});
