import { settableClock } from '../../../broker/process/clock.ts';
import { signer } from '../testing/fake-services.ts';
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
  const tokens = accessTokens({ keys: async () => keys.publicKey, issuer: ISSUER, clock, wait: () => waits });
  const access = tokens.accessOf(token);
  correct();
  expect(await access).toMatchObject({ caller: { role: 'CUSTOMER' } });
  waits = null;
  clock.set(nowMs + 2 * TEN_MINUTES_MS);
  expect(() => tokens.accessOf(token)).toThrow(expect.objectContaining({ code: 'token_expired' }));
});
