import type { SessionId } from '../../../../shared/contracts/ids.ts';

/**
 * What failures are counted for. `device`: a device that has signed in to the account before. `session`: a
 * session whose user gives the password again.
 */
export type ScopeKind = 'account' | 'address' | 'device' | 'session';
export type Scope = { kind: ScopeKind; subject: string };

/**
 * The failures of a scope as of `lastFailureAt`; they decay with time, so that the number has a fraction.
 * Attempts in progress count as failures until they have succeeded.
 */
export type Failures = { failures: number; lastFailureAt: Date; lockedUntil: Date | null };

/** The failure from which on a scope is locked. Many people may share one address. */
export const LOCKED_FROM: Readonly<Record<ScopeKind, number>> = {
  account: 5,
  address: 50,
  device: 5,
  session: 5,
};

/**
 * One failure is forgiven after this time (a leaky bucket). It is longer than the longest lockout, so that an
 * attacker who waits for it gets fewer guesses than one who waits for lockouts to end.
 */
const FORGIVEN_AFTER_MS: Readonly<Record<ScopeKind, number>> = {
  account: 3_600_000,
  address: 1_800_000,
  device: 3_600_000,
  session: 3_600_000,
};

const LOCKED_MINUTES = [1, 2, 4, 8, 15] as const;

/** No more failures are counted, so that a scope recovers in hours from an attack of any length. */
const failuresMax = (kind: ScopeKind): number => LOCKED_FROM[kind] + LOCKED_MINUTES.length - 1;

const KINDS = Object.keys(LOCKED_FROM) as ScopeKind[];

/** After this time without a failure no scope has failures. */
export const FAILURES_KEPT_MS = Math.max(...KINDS.map((kind) => failuresMax(kind) * FORGIVEN_AFTER_MS[kind]));

/** How long the failure of this number locks its scope; 0 below the limit. */
export const lockedMs = (kind: ScopeKind, failures: number): number => {
  const over = failures - LOCKED_FROM[kind];
  return over < 0 ? 0 : (LOCKED_MINUTES[over] ?? 15) * 60_000;
};

/** The failures as a whole number, as people see them. */
export const wholeFailures = (failures: number): number => Math.ceil(failures);

/** The failures that are left at `now`. */
export const failuresAt = (kind: ScopeKind, { failures, lastFailureAt }: Failures, now: Date): number => {
  const passedMs = Math.max(0, now.getTime() - lastFailureAt.getTime());
  return Math.max(0, failures - passedMs / FORGIVEN_AFTER_MS[kind]);
};

type AttemptVerdict = { verdict: 'refused'; retryAfterS: number } | { verdict: 'counted'; count: Failures };

/** An attempt at `now`: refused while the scope is locked, or else counted as a failure in advance. */
export const judgeAttempt = (kind: ScopeKind, current: Failures, now: Date): AttemptVerdict => {
  const leftMs = (current.lockedUntil?.getTime() ?? 0) - now.getTime();
  if (leftMs > 0) return { verdict: 'refused', retryAfterS: Math.ceil(leftMs / 1000) };
  const failures = Math.min(failuresAt(kind, current, now) + 1, failuresMax(kind));
  const locked = lockedMs(kind, wholeFailures(failures));
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
 * The scope of an attempt within a session. Strangers cannot lock the user out of it, and a stolen session
 * allows only a few guesses.
 */
export const scopesOfSession = (sessionId: SessionId): Scope[] => [{ kind: 'session', subject: sessionId }];

/** Whether lockouts of this kind are published, and listed for administrators: strangers may cause them. */
export const isPublished = (kind: ScopeKind): kind is 'account' | 'address' =>
  kind === 'account' || kind === 'address';

/**
 * Whether a success resets all failures of a scope. An address keeps them, because an attacker could reset
 * them by signing in to an account of their own.
 */
export const isResetBySuccess = (kind: ScopeKind): boolean => kind !== 'address';
