import type { SocketClose } from '../contracts/realtime.ts';
import type { Loss, Timing } from './socket.ts';

const FIRST_DELAY_MS = 300;
const DELAY_MAX_MS = 5_000;
/** Where the server would rather not see us so soon. */
const RELUCTANT_DELAY_MAX_MS = 60_000;
/** A connection that lasted this long was a good one: the next delay is a short one again. */
const STEADY_MS = 3_000;
const HURRY_EVERY_MS = 1_000;

const ABOUT_SESSION: ReadonlySet<string> = new Set<SocketClose['reason'] | string>([
  'expired',
  'access_changed',
  'revoked',
  'token_expired',
  'unauthenticated',
  'session_ended',
]);

/** True when a socket was lost for want of a session that is valid and fresh. */
const concernsSession = ({ status, code }: Loss): boolean =>
  status === 401 || (code !== undefined && ABOUT_SESSION.has(code));

/** The server has understood, and does not want this socket. */
const isRefusal = ({ status = 0, code }: Loss): boolean =>
  (status >= 400 && status < 500) || code === 'too_many_connections' || code === 'invalid_params';

/** Each delay is twice the one before up to a limit, and up to half as much less or more. */
const growing = (tries: number, maxMs: number, random: number): number =>
  Math.round(Math.min(maxMs, FIRST_DELAY_MS * 2 ** tries) * (0.5 + random));

/** What the sockets that were lost until now say of the next one: when it is opened, and how. */
export const createPace = ({ nowMs, random }: Pick<Timing, 'nowMs' | 'random'>) => {
  let done = 0;
  let triedAtMs = -Infinity;
  let welcomedAtMs = Infinity;
  let sessionInDoubt = false;
  let pollingFirst = false;
  const delayMs = (loss: Loss): number => {
    const before = done++;
    // Two browsers that replace each other's sockets would never stop.
    if (loss.code === 'replaced') return growing(Infinity, RELUCTANT_DELAY_MAX_MS, random());
    if (concernsSession(loss) && before < 2) return 0;
    if (isRefusal(loss)) return growing(before, RELUCTANT_DELAY_MAX_MS, random());
    // A sign-out must be visible within a second.
    return growing(loss.code === 'revoked' ? 0 : before, DELAY_MAX_MS, random());
  };
  return {
    sessionInDoubt: (): boolean => sessionInDoubt,
    pollingFirst: (): boolean => pollingFirst,
    welcomed: (): void => {
      welcomedAtMs = nowMs();
    },
    sessionConfirmed: (): void => {
      sessionInDoubt = false;
    },
    tries: (): void => {
      triedAtMs = nowMs();
    },
    /** Resets the delays; false if the last attempt was a moment ago. */
    mayHurry: (): boolean => {
      if (nowMs() - triedAtMs < HURRY_EVERY_MS) return false;
      done = 0;
      return true;
    },
    /** How long to wait now that a socket was lost: not long, but never in a tight loop. */
    lost: (loss: Loss): number => {
      if (nowMs() - welcomedAtMs >= STEADY_MS) done = 0;
      welcomedAtMs = Infinity;
      sessionInDoubt ||= concernsSession(loss);
      pollingFirst ||= loss.silent === true;
      return delayMs(loss);
    },
  };
};
