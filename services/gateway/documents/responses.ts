import { ERRORS, retryAfterOf, type ErrorCode } from '../../../shared/contracts/errors.ts';
import { problemOf } from '../http/problems.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Route } from '../http/routes.ts';
import type { Json, Schema } from './schemas.ts';

const header = (description: string, schema: Schema, example: unknown): Json => ({
  description,
  schema,
  example,
});
const text: Schema = { type: 'string' };

/** The headers of responses, by name. */
export const HEADERS = {
  'X-Request-Id': header(
    'The id of the request in our logs: yours, if the request has one of 8 to 64 letters, digits, `.`, ' +
      '`_` and `-`. Name it when you report a problem.',
    text,
    '4f0c6a52-9a1c-4b0c-9d3e-2f6a1c7b8e90',
  ),
  'Retry-After': header(
    'Seconds until the same request may succeed.',
    { type: 'integer', format: 'int32', minimum: 0 },
    1,
  ),
  'RateLimit-Policy': header(
    'The limits of this request: the quota `q` in a window of `w` seconds, of the account and of the ' +
      'address (draft-ietf-httpapi-ratelimit-headers-10).',
    text,
    '"address";q=12000;w=60, "account";q=1200;w=60',
  ),
  RateLimit: header(
    'What is left of each limit, `r`, for the next `t` seconds.',
    text,
    '"address";r=11990;t=60, "account";r=1190;t=42',
  ),
  'Idempotent-Replayed': header(
    '`true` where the answer is that of an earlier request with the same Idempotency-Key.',
    { type: 'string', const: 'true' },
    'true',
  ),
  Location: header(
    'The path of what was created.',
    text,
    '/api/payments/pay_019ac2f4b7a07c3e9d415e0a2b6c0c01',
  ),
  ETag: header(
    'Send it as If-None-Match with the next request: while the answer is the same, you get 304 and no body.',
    text,
    'W/"3q2-7wKx0ZVJc1hXyqfGdA"',
  ),
  'Set-Cookie': header(
    'The cookies of the session; all are HttpOnly. Signing out removes those of access and refresh.',
    text,
    '__Host-payloom_access=…; Path=/; Max-Age=600; SameSite=Lax; HttpOnly; Secure',
  ),
  'WWW-Authenticate': header('How to authenticate (RFC 6750).', text, 'Bearer realm="payloom"'),
} as const satisfies Readonly<Record<string, Json>>;

export const headerRefs = (...names: (keyof typeof HEADERS)[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

/** Every error code that an operation can answer with. */
const errorCodesOf = (route: Route): ErrorCode[] => {
  const { action } = route;
  const codes: ErrorCode[] = ['bad_request', 'invalid_params', ...action.errors];
  if (route.source === 'json') codes.push('malformed_json', 'unsupported_media_type');
  if (route.source !== 'query') codes.push('body_too_large', 'unsupported_encoding');
  if (route.roles !== null) codes.push('unauthenticated', 'token_expired', 'session_ended');
  if (route.roles?.length) codes.push('forbidden');
  if (route.write && (route.roles !== null || route.session !== null)) codes.push('cross_site');
  if (action.limit) codes.push('rate_limited');
  return [...new Set<ErrorCode>([...codes, 'internal', 'unavailable', 'timeout'])];
};

export const pascal = (words: string): string =>
  words.replaceAll(/(?:^|[._-])([a-z])/g, (_all, letter: string) => letter.toUpperCase());

const REQUEST_ID = '4f0c6a52-9a1c-4b0c-9d3e-2f6a1c7b8e90';
const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

/** The answer with a code. */
const problemExample = (code: ErrorCode): Json => {
  const errors = [{ path: 'amountMinor', message: 'must be more than zero' }];
  const error = new AppError(code, code === 'invalid_params' ? { errors } : {});
  return { summary: ERRORS[code][1], value: problemOf(error, REQUEST_ID, TRACE_ID) };
};

const responseOf = (status: number, codes: readonly ErrorCode[]): Json => ({
  description: codes.map((code) => `\`${code}\`: ${ERRORS[code][1]}`).join('\n\n'),
  headers: headerRefs(
    'X-Request-Id',
    'RateLimit-Policy',
    'RateLimit',
    ...(codes.some(retryAfterOf) ? (['Retry-After'] as const) : []),
    ...(status === 401 ? (['WWW-Authenticate'] as const) : []),
  ),
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
    },
  },
});

const NAMES: ReadonlyMap<string, string> = new Map([
  ['unauthenticated token_expired session_ended', 'Unauthenticated'],
  ['bad_request malformed_json', 'BadRequestOrBody'],
]);

/** Error responses of operations; operations whose codes of a status are the same share one. */
export const errorResponses = () => {
  const responses: Record<string, Json> = {};
  const examples: Record<string, Json> = {};
  return {
    responses,
    /** The answer with each code that a response names. */
    examples,
    /** References to the responses of a route by status. */
    of: (route: Route): Json => {
      const byStatus = Map.groupBy(errorCodesOf(route), (code) => ERRORS[code][0]);
      return Object.fromEntries(
        [...byStatus].map(([status, codes]) => {
          const key = codes.join(' ');
          const joined = codes.length <= 2 ? codes.map(pascal).join('Or') : null;
          const name = NAMES.get(key) ?? joined ?? `${pascal(route.action.name)}${status}`;
          responses[name] ??= responseOf(status, codes);
          for (const code of codes) examples[code] ??= problemExample(code);
          return [status, { $ref: `#/components/responses/${name}` }];
        }),
      );
    },
  };
};

/** RFC 9457 problem details, the body of every error. */
export const PROBLEM_SCHEMAS: Readonly<Record<string, Schema>> = {
  Problem: {
    type: 'object',
    description:
      'Problem details (RFC 9457). `code` is stable; `title` and `detail` are sentences that may change.',
    required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
    properties: {
      type: { type: 'string', format: 'uri', description: '`urn:payloom:problem:` and the code.' },
      title: { type: 'string', description: 'What the code means.' },
      status: { type: 'integer', format: 'int32', description: 'The HTTP status.' },
      detail: { type: 'string', description: 'What went wrong in this request.' },
      code: { $ref: '#/components/schemas/ErrorCode' },
      requestId: { type: 'string', description: 'The id of the request, as in `X-Request-Id`.' },
      traceId: {
        type: 'string',
        description: 'The id of its trace, as in `traceparent` where one was sent.',
      },
      errors: {
        type: 'array',
        description: 'What is wrong with which field; with `invalid_params`.',
        items: { $ref: '#/components/schemas/FieldError' },
      },
    },
  },
  FieldError: {
    type: 'object',
    description: 'One field that is missing or not valid.',
    required: ['path', 'message'],
    properties: {
      path: { type: 'string', description: 'The path of the field in the request, such as `payee.email`.' },
      message: { type: 'string', description: 'What is wrong, to be read after the name of the field.' },
      code: { $ref: '#/components/schemas/ErrorCode' },
      limit: {
        type: 'object',
        description: 'The limit of the currency that an amount breaks.',
        required: ['amountMinor', 'currency'],
        properties: {
          amountMinor: { type: 'integer', format: 'int64', description: 'In minor units of the currency.' },
          currency: { type: 'string', description: 'The ISO 4217 code.' },
        },
      },
    },
  },
  ErrorCode: {
    type: 'string',
    description: 'All error codes of this version.',
    enum: Object.keys(ERRORS),
  },
};
