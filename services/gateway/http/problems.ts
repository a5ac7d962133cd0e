import { statusOf, toAppError, type AppError } from '../../../broker/calls/errors.ts';
import { ERRORS, type Problem } from '../../../shared/contracts/errors.ts';

/** An error as RFC 9457 problem details, with texts that are meant for callers. */
export const problemOf = (error: AppError, requestId: string, traceId: string | null): Problem => ({
  type: `urn:payloom:problem:${error.code}`,
  title: ERRORS[error.code][1],
  status: statusOf(error.code),
  detail: error.data.detail ?? ERRORS[error.code][1],
  code: error.code,
  requestId,
  ...(traceId === null ? {} : { traceId }),
  ...(error.data.errors ? { errors: error.data.errors } : {}),
});

type WebError = { name?: string; code?: unknown };

/** Any error as an AppError, including moleculer-web's own 400 for a path that cannot be decoded. */
export const asAppError = (error: unknown, badRequest: () => AppError): AppError => {
  const { name, code } = (error ?? {}) as WebError;
  return name === 'BadRequestError' && code === 400 ? badRequest() : toAppError(error);
};
