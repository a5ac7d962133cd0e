import {
  ERRORS,
  isErrorCode,
  retryAfterOf,
  type ErrorCode,
  type FieldError,
} from '../../shared/contracts/errors.ts';

export type AppErrorData = {
  /** The invalid fields, for forms. */
  errors?: FieldError[];
  /**
   * Seconds until a retry makes sense, sent as Retry-After. Codes that may be retried have a default; others
   * have none.
   */
  retryAfterS?: number;
  /** Replaces the code's general message. */
  detail?: string;
};

/** An error for the caller. Any other error becomes `internal` at the edge. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly data: AppErrorData;

  constructor(code: ErrorCode, data: AppErrorData = {}, options?: ErrorOptions) {
    super(data.detail ?? ERRORS[code][1], options);
    this.code = code;
    const retryAfterS = data.retryAfterS ?? retryAfterOf(code);
    this.data = retryAfterS === undefined ? data : { ...data, retryAfterS };
  }
}

/**
 * Why no handler answered. `unreachable`: no process was reachable, or no RabbitMQ. `refused`: sent,
 * certainly not executed. `lost`: it may have been executed. `overloaded`: not sent, because too many calls
 * are in flight.
 */
export type Unanswered = 'unreachable' | 'refused' | 'lost' | 'overloaded';

/** An `unavailable` from the transport, never from a handler. */
export class UnansweredError extends AppError {
  readonly why: Unanswered;

  constructor(why: Unanswered, options?: ErrorOptions) {
    super('unavailable', {}, options);
    this.why = why;
  }
}

/** The HTTP status of a code. */
export const statusOf = (code: ErrorCode): number => ERRORS[code][0];

export const isAppError = (error: unknown): error is AppError =>
  error instanceof AppError ||
  (error instanceof Error && error.name === 'AppError' && isErrorCode((error as AppError).code));

const UNANSWERED: Readonly<Record<string, Unanswered>> = {
  ServiceNotFoundError: 'unreachable',
  ServiceNotAvailableError: 'unreachable',
  BrokerDisconnectedError: 'unreachable',
  RequestRejectedError: 'lost',
};

/**
 * Maps Moleculer's errors to our codes: an unknown action or a lost process is `unavailable`, a late answer
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
