import type { ErrorCode, Problem } from '../contracts/errors.ts';
import { ProblemError } from './problem.ts';

const codeOfStatus = (status: number): ErrorCode => {
  if (status === 404) return 'not_found';
  if (status === 413) return 'body_too_large';
  if (status === 429) return 'rate_limited';
  if (status === 504) return 'timeout';
  return status === 502 || status === 503 ? 'unavailable' : status < 500 ? 'bad_request' : 'internal';
};

/** The problem of an error response, also of one without a problem, such as a proxy's before the gateway. */
export const problemOf = async (response: Response): Promise<ProblemError> => {
  const { status } = response;
  const retryAfterS = Number(response.headers.get('retry-after')) || undefined;
  const requestId = response.headers.get('x-request-id') ?? '';
  const body: unknown = await response.json().catch(() => null);
  if (typeof body === 'object' && body !== null && 'code' in body && 'detail' in body) {
    const problem = body as Problem;
    return new ProblemError({ ...problem, requestId: problem.requestId ?? requestId }, retryAfterS);
  }
  const detail = status < 500 ? 'The request was refused.' : 'This is not available at the moment.';
  const code = codeOfStatus(status);
  return new ProblemError({ type: 'about:blank', title: code, status, detail, code, requestId }, retryAfterS);
};
