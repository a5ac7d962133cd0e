import { GraphQLError } from 'graphql';
import { AppError } from '../../../broker/calls/errors.ts';
import { currentTraceId } from '../../../broker/calls/request-context.ts';
import type { Logger } from '../../../broker/process/logger.ts';
import { asAppError, problemOf } from '../http/problems.ts';
import { noteFailure } from '../http/respond.ts';

/** An error of a response (spec.graphql.org, "Response Format"), with what a problem has over REST. */
export type Failure = {
  message: string;
  locations?: GraphQLError['locations'];
  path?: GraphQLError['path'];
  extensions: Record<string, unknown>;
};

/** Errors that refuse a request as a whole, before anything runs. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly errors: readonly GraphQLError[];

  constructor(errors: readonly GraphQLError[]) {
    super('the request is refused');
    this.errors = errors;
  }
}

/** A refusal with a sentence of its own. */
export const refused = (detail: string, code: 'bad_request' | 'forbidden' = 'bad_request'): Refusal =>
  new Refusal([new GraphQLError(detail, { originalError: new AppError(code, { detail }) })]);

/**
 * An error with code and request id. One that is no AppError, such as a value that does not fit its type, is
 * `internal`: its message is in the log only.
 */
export const failureOf = (error: GraphQLError, requestId: string, log: Logger): Failure => {
  const cause = error.originalError ?? error;
  const known = asAppError(cause, () => new AppError('bad_request'));
  noteFailure(known, cause, log);
  const { detail, title: _title, type: _type, ...extensions } = problemOf(known, requestId, currentTraceId());
  const { retryAfterS } = known.data;
  return {
    message: detail,
    ...(error.locations && { locations: error.locations }),
    ...(error.path && { path: error.path }),
    extensions: { ...extensions, ...(retryAfterS !== undefined && { retryAfterS }) },
  };
};
