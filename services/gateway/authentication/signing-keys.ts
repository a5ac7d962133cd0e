import { importJWK, type CryptoKey, type JWK } from 'jose';
import type { Clock } from '../../../broker/process/clock.ts';

const REFETCH_AFTER_MS = 10_000;
const STALE_AFTER_MS = 10 * 60_000;

export type SigningKeys = {
  /** Finds auth's public key by its key id; null when auth has no key with this id. */
  find(keyId: string): Promise<CryptoKey | null>;
  /** Whether the keys of the last fetch contain this one; old ones are fetched again, without waiting. */
  isKnown(keyId: string): boolean;
  /** Has the keys fetched again at their next use: after a revocation a new key signs at once. */
  invalidate(): void;
};

const importAll = async (jwks: readonly JWK[]): Promise<Map<string, CryptoKey>> => {
  const usable = jwks.filter(
    (jwk) => jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && typeof jwk.kid === 'string',
  );
  const entries = usable.map(async ({ kty, crv, x, kid }) => {
    const key = await importJWK({ kty, crv, x } as JWK, 'EdDSA');
    return [kid as string, key as CryptoKey] as const;
  });
  return new Map(await Promise.all(entries));
};

/**
 * Caches auth's public keys. An unknown key id fetches them again, at most once in ten seconds, so that
 * invented ids cause no load on auth. A key that auth has removed is removed here within ten minutes.
 */
export const signingKeys = (fetch: () => Promise<readonly JWK[]>, clock: Clock): SigningKeys => {
  let keys = new Map<string, CryptoKey>();
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let invalidations = 0;
  let fetching: Promise<void> | null = null;

  const refetch = (): Promise<void> => {
    const asOf = invalidations;
    fetching ??= fetch()
      .then(importAll)
      .then((fresh) => {
        keys = fresh;
        if (asOf === invalidations) fetchedAtMs = clock.nowMs();
      })
      .finally(() => {
        fetching = null;
      });
    return fetching;
  };

  const find = async (keyId: string): Promise<CryptoKey | null> => {
    const ageMs = clock.nowMs() - fetchedAtMs;
    const known = keys.get(keyId);
    if (known && ageMs < STALE_AFTER_MS) return known;
    if (known) await refetch().catch(() => undefined);
    else if (ageMs >= REFETCH_AFTER_MS) await refetch();
    return keys.get(keyId) ?? null;
  };

  /** At most once in ten seconds, also while auth does not answer. */
  const refetchSoon = (): void => {
    const nowMs = clock.nowMs();
    if (nowMs - fetchedAtMs < STALE_AFTER_MS || nowMs - triedAtMs < REFETCH_AFTER_MS) return;
    triedAtMs = nowMs;
    void refetch().catch(() => undefined);
  };

  return {
    find,
    isKnown: (keyId) => {
      refetchSoon();
      return keys.has(keyId);
    },
    invalidate: () => {
      invalidations += 1;
      fetchedAtMs = Number.NEGATIVE_INFINITY;
      triedAtMs = Number.NEGATIVE_INFINITY;
    },
  };
};
