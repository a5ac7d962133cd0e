import type { ErrorCode, Problem } from '../contracts/errors.ts';

/** The server answered, but with a problem (RFC 9457). `retryAfterS` comes from Retry-After, in seconds. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly retryAfterS: number | undefined;

  constructor(problem: Problem, retryAfterS?: number) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer came: the network failed or the time was up. Whether the server acted is not known. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/**
 * True for a ProblemError, also for one that another micro-frontend's copy of this module made:
 * the client lives in the shell, so `instanceof` would be false in a remote.
 */
export const isProblem = (error: unknown): error is ProblemError =>
  error instanceof Error && error.name === 'ProblemError' && 'problem' in error;

/** True for an UnreachableError of any copy of this module. */
export const isUnreachable = (error: unknown): error is UnreachableError =>
  error instanceof Error && error.name === 'UnreachableError';

/** True for a ProblemError with one of these codes. */
export const hasCode = (error: unknown, ...codes: ErrorCode[]): error is ProblemError =>
  isProblem(error) && codes.includes(error.problem.code);

const sentence = (text: string): string => {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
};

/** What is wrong with each field, by its path (`payee.email`), as sentences; `{}` when no field is named. */
export const fieldErrors = (error: unknown): Record<string, string> => {
  const found: Record<string, string> = {};
  if (!isProblem(error)) return found;
  for (const { path, message } of error.problem.errors ?? []) found[path] ??= sentence(message);
  return found;
};

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  unauthenticated: 'Your session has ended. Sign in again.',
  token_expired: 'Your session has ended. Sign in again.',
  session_ended: 'Your session has ended. Sign in again.',
  refresh_reused: 'Your session was ended for safety. Sign in again.',
  invalid_params: 'Some fields need your attention.',
  timeout: 'This took too long. Try again.',
};

const waitSentence = (seconds: number): string => {
  if (seconds < 90)
    return `Too many attempts. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
  return `Too many attempts. Try again in ${Math.ceil(seconds / 60)} minutes.`;
};

/** What went wrong, as a sentence for the person in front of the screen. */
export const sentenceFor = (error: unknown): string => {
  if (isUnreachable(error)) return 'Payloom could not be reached. Check your connection and try again.';
  if (!isProblem(error)) return 'Something went wrong on this page. Try again.';
  const { code, detail } = error.problem;
  if (code === 'rate_limited' && error.retryAfterS) return waitSentence(error.retryAfterS);
  return SENTENCES[code] ?? sentence(detail);
};
