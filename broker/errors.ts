import { ERRORS, isErrorCode, type ErrorCode, type FieldError } from '../shared/contracts/errors.ts';

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

/** The HTTP status of a code. */
export const statusOf = (code: ErrorCode): number => ERRORS[code][0];

export const isAppError = (error: unknown): error is AppError =>
  error instanceof AppError ||
  (error instanceof Error && error.name === 'AppError' && isErrorCode((error as AppError).code));

type Named = { name?: string; type?: string; code?: unknown };

/**
 * Moleculer's own errors in our codes: an unknown action or a lost node is `unavailable`, a late answer
 * `timeout`.
 */
export const toAppError = (error: unknown): AppError => {
  if (isAppError(error)) return error;
  const { name, type } = (error ?? {}) as Named;
  if (name === 'RequestTimeoutError') return new AppError('timeout', {}, { cause: error });
  if (
    name === 'ServiceNotFoundError' ||
    name === 'ServiceNotAvailableError' ||
    type === 'SERVICE_NOT_FOUND'
  ) {
    return new AppError('unavailable', { retryAfterS: 1 }, { cause: error });
  }
  return new AppError('internal', {}, { cause: error });
};
