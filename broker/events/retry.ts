import { isAppError } from '../calls/errors.ts';
import { reportFailure } from '../telemetry/failures.ts';
import { PoisonMessage } from './event-message.ts';

/** After this many failed attempts an event becomes a dead letter. */
export const MAX_TRIES = 5;

const FIRST_DELAY_MS = 200;
const DELAY_GROWTH = 4;

/**
 * Delays before another attempt. The first four are those before the second to fifth attempt; an event that
 * waits for a dependency goes on with the last one.
 */
export const RETRY_DELAYS_MS = Array.from(
  { length: MAX_TRIES },
  (_value, index) => FIRST_DELAY_MS * DELAY_GROWTH ** index,
);

/** Pause between attempts while the service's own database is unreachable. */
export const PAUSE_MS = 500;

/** How long an event waits for a dependency of its handler, where nothing else is configured. */
export const DEFAULT_WAIT_MS = 24 * 3_600_000;

const MAX_CAUSE_LENGTH = 1_000;
const MAX_CAUSES = 5;

const AWAY_CODE = /^(ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)/;
/** Of Node's fetch: not connected, connection lost, no answer in time. */
const AWAY_FETCH_CODE = /^UND_ERR_(CONNECT|SOCKET|HEADERS|BODY)/;
const AWAY_STATUS = [502, 503, 504];

type Failure = { name?: unknown; code?: unknown; status?: unknown; statusCode?: unknown; cause?: unknown };

const saysAway = (error: unknown): boolean => {
  if (isAppError(error)) return error.code === 'unavailable' || error.code === 'timeout';
  const { name, code, status, statusCode } = error as Failure;
  if (name === 'TimeoutError') return true;
  if (typeof code === 'string' && (AWAY_CODE.test(code) || AWAY_FETCH_CODE.test(code))) return true;
  return AWAY_STATUS.includes(Number(status ?? statusCode));
};

/**
 * Whether an error says that a dependency is away for now, not that the event cannot be handled:
 * `unavailable` or `timeout` of a call, a lost connection, an answer with status 502 to 504. Its causes count
 * too.
 */
export const isAway = (error: unknown): boolean => {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && typeof current === 'object' && current !== null; depth++) {
    if (saysAway(current)) return true;
    current = (current as Failure).cause;
  }
  return false;
};

/** `retry`: another attempt counts; `wait`: for a dependency, which does not count; `dead`: a dead letter. */
export type Verdict = {
  kind: 'retry' | 'wait' | 'dead';
  /** Failed attempts that count, including this one unless it waits. */
  attempts: number;
  /** The number of the delay before the next attempt, from 1; 0 for a dead letter. */
  delay: number;
};

/** The longest delay that is no longer than the time waited so far: pauses grow with the wait. */
const delayAfter = (waitedMs: number): number =>
  Math.max(1, RETRY_DELAYS_MS.filter((delayMs) => delayMs <= waitedMs).length);

/**
 * What follows a failed attempt.
 * @param known the event's attempts that counted before, and its first failure
 * @param waitMs how long after its first failure an event waits for a dependency
 */
export const verdictOf = (
  error: unknown,
  known: { attempts: number; firstFailedAtMs: number },
  nowMs: number,
  waitMs: number,
): Verdict => {
  const waitedMs = nowMs - known.firstFailedAtMs;
  const away = isAway(error);
  if (away && waitedMs < waitMs)
    return { kind: 'wait', attempts: known.attempts, delay: delayAfter(waitedMs) };
  const attempts = known.attempts + 1;
  const isDead = away || error instanceof PoisonMessage || attempts >= MAX_TRIES;
  return { kind: isDead ? 'dead' : 'retry', attempts, delay: isDead ? 0 : attempts };
};

/** Sentences for the log. */
export const OUTCOMES: Readonly<Record<Verdict['kind'], string>> = {
  retry: 'event handling failed',
  wait: 'event waits for an unavailable dependency',
  dead: 'event became a dead letter',
};

/** Reports why an event is not handled any more, unless it could not be read. */
export const reportUnhandled = (service: string, event: string, error: unknown): void => {
  if (!(error instanceof PoisonMessage)) reportFailure(error, { service, work: event });
};

/** Outcomes of the metric of events. */
export const COUNTED_AS = { retry: 'retried', wait: 'waiting', dead: 'dead' } as const;

/** An error as text for a dead letter. */
export const causeOf = (error: unknown): string =>
  (error instanceof Error && error.name === 'PoisonMessage' ? error.message : String(error)).slice(
    0,
    MAX_CAUSE_LENGTH,
  );
