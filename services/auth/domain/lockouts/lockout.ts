/** Whose failures are counted together. `device`: a browser that has signed in to the account before. */
export type ScopeKind = 'account' | 'address' | 'device';
export type Scope = { kind: ScopeKind; subject: string };

/** What is counted of a scope. Attempts under way count as failures until they have succeeded. */
export type Failures = { failures: number; lastFailureAt: Date; lockedUntil: Date | null };

/** Failures are forgotten so long after the last one. */
export const FAILURES_KEPT_MS = 24 * 3_600_000;

/** From this failure on a scope is locked. Behind one address there may be many people. */
export const LOCKED_FROM: Readonly<Record<ScopeKind, number>> = { account: 5, address: 50, device: 5 };

const LOCKED_MINUTES = [1, 2, 4, 8, 15] as const;

/** For how long the failure of this number locks its scope; 0 while there are few. */
export const lockedMs = (kind: ScopeKind, failures: number): number => {
  const over = failures - LOCKED_FROM[kind];
  return over < 0 ? 0 : (LOCKED_MINUTES[over] ?? 15) * 60_000;
};

export type Attempt = { verdict: 'refused'; retryAfterS: number } | { verdict: 'counted'; count: Failures };

/** An attempt at `now`: refused while the scope is locked, else counted as a failure before it is made. */
export const judgeAttempt = (kind: ScopeKind, known: Failures, now: Date): Attempt => {
  const leftMs = (known.lockedUntil?.getTime() ?? 0) - now.getTime();
  if (leftMs > 0) return { verdict: 'refused', retryAfterS: Math.ceil(leftMs / 1000) };
  const isForgotten = now.getTime() - known.lastFailureAt.getTime() >= FAILURES_KEPT_MS;
  const failures = (isForgotten ? 0 : known.failures) + 1;
  const locked = lockedMs(kind, failures);
  return {
    verdict: 'counted',
    count: { failures, lastFailureAt: now, lockedUntil: locked ? new Date(now.getTime() + locked) : null },
  };
};

const groupsOf = (half: string): string[] => (half === '' ? [] : half.split(':'));

/** What counts as one address: an IPv6 subscriber has a whole /64 (RFC 6177). */
export const networkOf = (address: string): string => {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const network = [...before, ...zeros, ...after].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
};

/** Who makes an attempt, and from where. */
export type Attempting = {
  email: string;
  address: string | null;
  /** The hash of its token, where the browser has signed in to this very account before. */
  device: string | null;
};

/**
 * The scopes that an attempt counts in. A known device has one of its own, and neither suffers from what
 * others do to the account nor adds to it: whoever does not hold its token cannot lock it out, and whoever
 * does has only a few guesses.
 */
export const scopesOf = ({ email, address, device }: Attempting): Scope[] => {
  if (device !== null) return [{ kind: 'device', subject: device }];
  return [
    { kind: 'account', subject: email.toLowerCase() },
    ...(address === null ? [] : [{ kind: 'address' as const, subject: networkOf(address) }]),
  ];
};

/**
 * What a success forgets: all failures of who has shown the password. Others behind the same address have
 * shown nothing, so that an attacker's own account does not wash the address clean.
 */
export const isForgottenBySuccess = (kind: ScopeKind): boolean => kind !== 'address';
