/** What failures are counted for. `device`: a browser that has signed in to the account before. */
export type ScopeKind = 'account' | 'address' | 'device';
export type Scope = { kind: ScopeKind; subject: string };

/** The failure count of a scope. Attempts in progress count as failures until they have succeeded. */
export type Failures = { failures: number; lastFailureAt: Date; lockedUntil: Date | null };

/** The failure count is reset this long after the last failure. */
export const FAILURES_KEPT_MS = 24 * 3_600_000;

/** The failure from which on a scope is locked. Many people may share one address. */
export const LOCKED_FROM: Readonly<Record<ScopeKind, number>> = { account: 5, address: 50, device: 5 };

const LOCKED_MINUTES = [1, 2, 4, 8, 15] as const;

/** How long the failure of this number locks its scope; 0 below the limit. */
export const lockedMs = (kind: ScopeKind, failures: number): number => {
  const over = failures - LOCKED_FROM[kind];
  return over < 0 ? 0 : (LOCKED_MINUTES[over] ?? 15) * 60_000;
};

type AttemptVerdict = { verdict: 'refused'; retryAfterS: number } | { verdict: 'counted'; count: Failures };

/** An attempt at `now`: refused while the scope is locked, or else counted as a failure in advance. */
export const judgeAttempt = (kind: ScopeKind, current: Failures, now: Date): AttemptVerdict => {
  const leftMs = (current.lockedUntil?.getTime() ?? 0) - now.getTime();
  if (leftMs > 0) return { verdict: 'refused', retryAfterS: Math.ceil(leftMs / 1000) };
  const isReset = now.getTime() - current.lastFailureAt.getTime() >= FAILURES_KEPT_MS;
  const failures = (isReset ? 0 : current.failures) + 1;
  const locked = lockedMs(kind, failures);
  return {
    verdict: 'counted',
    count: { failures, lastFailureAt: now, lockedUntil: locked ? new Date(now.getTime() + locked) : null },
  };
};

const groupsOf = (half: string): string[] => (half === '' ? [] : half.split(':'));

/** The network that counts as one address: an IPv6 subscriber has a whole /64 (RFC 6177). */
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

export type AttemptOrigin = {
  email: string;
  address: string | null;
  /** The hash of the device token, where the browser has signed in to this account before. */
  device: string | null;
};

/**
 * The scopes that an attempt counts for. A known device has a scope of its own: failures elsewhere do not
 * lock it out, its failures do not lock the account, and a stolen device token allows only a few guesses.
 */
export const scopesOf = ({ email, address, device }: AttemptOrigin): Scope[] => {
  if (device !== null) return [{ kind: 'device', subject: device }];
  return [
    { kind: 'account', subject: email.toLowerCase() },
    ...(address === null ? [] : [{ kind: 'address' as const, subject: networkOf(address) }]),
  ];
};

/**
 * Whether a success resets all failures of a scope. An address keeps them, because an attacker could reset
 * them by signing in to an account of their own.
 */
export const isResetBySuccess = (kind: ScopeKind): boolean => kind !== 'address';
