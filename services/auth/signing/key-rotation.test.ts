import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { settableClock } from '../../../broker/process/clock.ts';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { readConfig } from '../../../broker/process/config.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { config } from '../config.ts';
import { sealSigningKeys } from '../jobs/seal-signing-keys.ts';
import { readPrivateJwk } from './key-rotation.ts';
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

describe('an emergency rotation', () => {
  it('signs with a new key at once and revokes the others in every list', async () => {
    const old = kidOf(signedIn);
    const waiting = await rotate();
    const params = { reason: 'The database was copied', revoke: true };
    const next = await app.call(auth.actions.rotateKeys, params, { as: admin });
    expect(next).toMatchObject({ state: 'signing' });
    const after = await refreshed();
    expect(kidOf(after)).toBe(next.id);
    await verifies(after);
    expect((await published()).map(({ kid }) => kid)).toEqual([next.id]);
    expect(await states()).toEqual([[next.id, 'signing']]);
    const revoked = [waiting.id, old];
    expect(app.signalled.keyIds).toEqual(revoked);
    const list = await app.asService(auth.actions.revocations, {});
    expect(list.keyIds.toSorted()).toEqual(revoked.toSorted());
    expect(await app.eventsOf('keysRevoked', next.id, 1)).toMatchObject([
      { keyIds: revoked, by: admin.userId, reason: 'The database was copied' },
    ]);
  });

  it('leaves nothing of the private keys, and later not even the rows', async () => {
    await app.asService(auth.actions.revokeKeys, { reason: 'A test' });
    const rows = () =>
      app.sql('select sealed_key, private_jwk from signing_keys where revoked_at is not null');
    expect(await rows()).toEqual([{ sealed_key: null, private_jwk: null }]);
    later(3_601_000);
    await rotate();
    expect(await rows()).toEqual([]);
  });

  it('takes effect in a process that has signed with the old key before', async () => {
    await app.asService(auth.actions.revokeKeys, { reason: 'A test' });
    const [newest] = (await states()) as [[string, string]];
    expect(kidOf(await refreshed())).toBe(newest[0]);
  });
});

describe('private keys in the database', () => {
  const FIRST = 'first-seal-of-at-least-thirty-two-characters';
  const SECOND = 'second-seal-of-at-least-thirty-two-character';
  const stored = () =>
    app.sql('select sealed_key, private_jwk from signing_keys') as Promise<
      { sealed_key: Buffer | null; private_jwk: object | null }[]
    >;

  it('are sealed', async () => {
    await rotate();
    for (const { sealed_key: sealed, private_jwk: plain } of await stored()) {
      expect([sealed?.length, plain]).toEqual([12 + 16 + 32, null]);
    }
  });

  it('are sealed by the job when an older version has stored them, and sign as before', async () => {
    const kid = kidOf(signedIn);
    const jwk = await readPrivateJwk({ db: app.service.db, keySeal: app.service.state.keySeal }, kid);
    await app.sql('update signing_keys set private_jwk = $1, sealed_key = null', [JSON.stringify(jwk)]);
    await sealSigningKeys.run(app.service);
    expect(await stored()).toMatchObject([{ sealed_key: expect.any(Buffer), private_jwk: null }]);
    await verifies(await refreshed());
    expect(kidOf(signedIn)).toBe(kid);
  });

  it('move to a new secret; without the old one a process does not start before that', async () => {
    const database = await throwAwayDatabase();
    const start = (env: Record<string, string>) =>
      startAuth({ env: { AUTH_DATABASE_URL: database.url, ...env } });
    const first = await start({ AUTH_KEY_SEAL: FIRST });
    const owner = await first.register();
    await first.stop();
    await expect(start({ AUTH_KEY_SEAL: SECOND })).rejects.toThrow('AUTH_KEY_SEAL does not open');
    const both = await start({ AUTH_KEY_SEAL: SECOND, AUTH_KEY_SEAL_PREVIOUS: FIRST });
    await sealSigningKeys.run(both.service);
    await both.stop();
    const second = await start({ AUTH_KEY_SEAL: SECOND });
    expect(kidOf(await second.refresh(owner.tokens.refreshToken))).toBe(kidOf(owner));
    await second.stop();
    await database.drop();
  });

  it('need a secret', () => {
    expect(readConfig(config, {}).problems).toEqual(['AUTH_KEY_SEAL must be set']);
    expect(readConfig(config, { AUTH_KEY_SEAL: 'short', AUTH_KEY_SEAL_PREVIOUS: 'short' }).problems).toEqual([
      'AUTH_KEY_SEAL must have at least 32 characters',
      'AUTH_KEY_SEAL_PREVIOUS must have at least 32 characters',
    ]);
    const kept = readConfig(config, { AUTH_KEY_SEAL: FIRST, AUTH_KEY_SEAL_PREVIOUS: '' });
    expect(kept.config).toMatchObject({ keySeal: FIRST, previousKeySeal: null });
  });
});

it('the first key signs at once, and its creation is not published as a rotation', async () => {
  expect(await states()).toEqual([[kidOf(signedIn), 'signing']]);
  await rotate();
  await app.eventsOf('keysRotated', admin.userId, 1);
  expect(app.published.filter(({ key }) => key === 'keysRotated')).toHaveLength(1);
});
