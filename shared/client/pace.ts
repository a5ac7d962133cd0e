import type { SocketClose } from '../contracts/realtime.ts';
import type { Loss, Timing } from './socket.ts';

const FIRST_DELAY_MS = 300;
const DELAY_MAX_MS = 5_000;
/** After the server refused or replaced a socket. */
const RELUCTANT_DELAY_MAX_MS = 60_000;
/** A connection that lasted this long resets the delays. */
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

/** True when a socket was closed or refused because of its session. */
const concernsSession = ({ status, code }: Loss): boolean =>
  status === 401 || (code !== undefined && ABOUT_SESSION.has(code));

/** True when the server refused the socket for another reason than its session. */
const isRefusal = ({ status = 0, code }: Loss): boolean =>
  (status >= 400 && status < 500) || code === 'too_many_connections' || code === 'invalid_params';

/** Doubles with each try up to `maxMs`, ± 50 % at random. */
const growing = (tries: number, maxMs: number, random: number): number =>
  Math.round(Math.min(maxMs, FIRST_DELAY_MS * 2 ** tries) * (0.5 + random));

/** Decides when and how the next socket is opened, from how the earlier ones were lost. */
export const createPace = ({ nowMs, random }: Pick<Timing, 'nowMs' | 'random'>) => {
  let done = 0;
  let triedAtMs = -Infinity;
  let welcomedAtMs = Infinity;
  let sessionInDoubt = false;
  let pollingFirst = false;
  const delayMs = (loss: Loss): number => {
    const before = done++;
    // Without a long delay, two browsers would replace each other's sockets without end.
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
    attempted: (): void => {
      triedAtMs = nowMs();
    },
    /** Resets the delays; false if the last attempt was a moment ago. */
    mayHurry: (): boolean => {
      if (nowMs() - triedAtMs < HURRY_EVERY_MS) return false;
      done = 0;
      return true;
    },
    /** The delay before the next socket, in milliseconds, after this loss. */
    lost: (loss: Loss): number => {
      if (nowMs() - welcomedAtMs >= STEADY_MS) done = 0;
      welcomedAtMs = Infinity;
      sessionInDoubt ||= concernsSession(loss);
      pollingFirst ||= loss.silent === true;
      return delayMs(loss);
    },
  };
};
