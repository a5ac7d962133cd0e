import { settableClock } from '../../../broker/process/clock.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { signer } from '../testing/fake-services.ts';
import { signingKeys, type SigningKeys } from './signing-keys.ts';
import { accessTokens } from './tokens.ts';

const ISSUER = 'http://localhost';
const TEN_MINUTES_MS = 600_000;

test('expiry is checked only after the clock of a starting process is corrected', async () => {
  const keys = await signer(ISSUER);
  const token = await keys.sign();
  const nowMs = Date.now();
  const clock = settableClock();
  clock.set(nowMs + 2 * TEN_MINUTES_MS);
  let correct = (): void => undefined;
  const corrected = new Promise<void>((resolve) => {
    correct = () => {
      clock.set(nowMs);
      resolve();
    };
  });
  let waits: Promise<void> | null = corrected;
  const all: SigningKeys = {
    find: async () => keys.publicKey,
    isKnown: () => true,
    invalidate: () => undefined,
  };
  const tokens = accessTokens({ keys: all, issuer: ISSUER, clock, wait: () => waits });
  const access = tokens.accessOf(token);
  correct();
  expect(await access).toMatchObject({ caller: { role: 'CUSTOMER' } });
  waits = null;
  clock.set(nowMs + 2 * TEN_MINUTES_MS);
  expect(() => tokens.accessOf(token)).toThrow(expect.objectContaining({ code: 'token_expired' }));
});

test('the verdict on a token does not outlive its key', async () => {
  const auth = await signer(ISSUER);
  const clock = settableClock();
  const startMs = Date.now();
  let published = [auth.jwk];
  const keys = signingKeys(async () => published, clock);
  const tokens = accessTokens({ keys, issuer: ISSUER, clock, wait: () => null });
  await tokens.accessOf(await auth.sign());
  clock.set(startMs + TEN_MINUTES_MS / 2);
  const token = await auth.sign({ iat: Math.floor(clock.nowMs() / 1_000) });
  await tokens.accessOf(token);
  published = [];
  expect(tokens.accessOf(token)).toMatchObject({ keyId: 'key-1' });
  // The keys are ten minutes old, and the token is valid for five more: this use starts a fetch.
  clock.set(startMs + TEN_MINUTES_MS + 1_000);
  expect(tokens.accessOf(token)).toMatchObject({ keyId: 'key-1' });
  await eventually(() => expect(keys.isKnown('key-1')).toBe(false));
  await expect(tokens.accessOf(token)).rejects.toMatchObject({ code: 'unauthenticated' });
});

test('a key that replaces a revoked one is fetched at once, also during an earlier fetch', async () => {
  const clock = settableClock();
  const [old, next] = [await signer(ISSUER), await signer(ISSUER)];
  const fetches: ((jwks: Record<string, string>[]) => void)[] = [];
  const keys = signingKeys(() => new Promise((resolve) => fetches.push(resolve)), clock);
  const first = keys.find('key-1');
  keys.invalidate();
  fetches[0]?.([old.jwk]);
  expect(await first).not.toBeNull();
  const second = keys.find('key-2');
  fetches[1]?.([{ ...next.jwk, kid: 'key-2' }]);
  expect(await second).not.toBeNull();
  // Invented ids do not cause more fetches.
  expect([await keys.find('key-1'), await keys.find('invented')]).toEqual([null, null]);
  expect(fetches).toHaveLength(2);
});
