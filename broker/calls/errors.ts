import { ERRORS, isErrorCode, type ErrorCode, type FieldError } from '../../shared/contracts/errors.ts';

export type AppErrorData = {
  /** The fields that are wrong, for forms. */
  errors?: FieldError[];
  /** Seconds after which trying again makes sense; becomes Retry-After. */
  retryAfterS?: number;
  /** A sentence that fits better than the code's own. */
  detail?: string;
};

/** An error that a caller is meant to see. Everything else becomes `internal` at the edge. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly data: AppErrorData;

  constructor(code: ErrorCode, data: AppErrorData = {}, options?: ErrorOptions) {
    super(data.detail ?? ERRORS[code][1], options);
    this.code = code;
    this.data = data;
  }
}

/**
 * Why no handler answered. `nobody`: there was no process to send to, or no RabbitMQ. `refused`: it was sent,
 * and certainly not executed. `lost`: it may have been executed. `overloaded`: it was not sent, for there are
 * too many.
 */
export type Unanswered = 'nobody' | 'refused' | 'lost' | 'overloaded';

/** An `unavailable` that comes from the way to a handler and never from a handler. */
export class UnansweredError extends AppError {
  readonly why: Unanswered;

  constructor(why: Unanswered, options?: ErrorOptions) {
    super('unavailable', { retryAfterS: 1 }, options);
    this.why = why;
  }
}

/** The HTTP status of a code. */
export const statusOf = (code: ErrorCode): number => ERRORS[code][0];

export const isAppError = (error: unknown): error is AppError =>
  error instanceof AppError ||
  (error instanceof Error && error.name === 'AppError' && isErrorCode((error as AppError).code));

const UNANSWERED: Readonly<Record<string, Unanswered>> = {
  ServiceNotFoundError: 'nobody',
  ServiceNotAvailableError: 'nobody',
  BrokerDisconnectedError: 'nobody',
  RequestRejectedError: 'lost',
};

/**
 * Moleculer's own errors in our codes: an unknown action or a lost process is `unavailable`, a late answer
 * `timeout`.
 */
export const toAppError = (error: unknown): AppError => {
  if (isAppError(error)) return error;
  const { name = '' } = (error ?? {}) as { name?: string };
  if (name === 'RequestTimeoutError') return new AppError('timeout', {}, { cause: error });
  const why = Object.hasOwn(UNANSWERED, name) ? UNANSWERED[name] : undefined;
  if (why) return new UnansweredError(why, { cause: error });
  return new AppError('internal', {}, { cause: error });
};
