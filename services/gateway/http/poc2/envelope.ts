import type { ErrorCode, Problem } from '../../../../shared/contracts/errors.ts';
import { JSON_TYPE } from '../respond.ts';
import type { FlatHeaders } from '../security-headers.ts';

/** Where clients of POC-2 find its API: their base URL ends with it. */
export const POC2_PREFIX = '/api/poc2';

/** When this API was declared deprecated (RFC 9745): with its first version, as it serves moving over. */
const DEPRECATED_AT_S = Date.UTC(2026, 11, 1) / 1_000;

/** Codes that clients of POC-2 compare; all others are ours in capitals. */
const CODES: Readonly<Partial<Record<ErrorCode, string>>> = {
  invalid_params: 'VALIDATION_ERROR',
  malformed_json: 'VALIDATION_ERROR',
  unauthenticated: 'UNAUTHORIZED',
  wrong_credentials: 'INVALID_CREDENTIALS',
  wrong_password: 'INVALID_PASSWORD',
  token_expired: 'INVALID_TOKEN',
  session_ended: 'INVALID_TOKEN',
  refresh_reused: 'INVALID_TOKEN',
  email_taken: 'EMAIL_EXISTS',
  internal: 'INTERNAL_SERVER_ERROR',
};

/** POC-2's names of our params. */
const FIELDS: Readonly<Record<string, string>> = {
  'payee.email': 'recipientEmail',
  'payee.id': 'recipientId',
  payee: 'recipientId',
  amountMinor: 'amount',
  pageNumber: 'page',
  q: 'search',
  person: 'userId',
  target: 'resourceId',
  from: 'startDate',
  to: 'endDate',
  biography: 'bio',
  addressLine1: 'address',
  addressLine2: 'address',
  timeZone: 'timezone',
};

const BAD_REQUEST = 400;

/** A problem in POC-2's envelope. Invalid fields are 400, as there; every other status is ours. */
export const poc2Failure = ({ code, detail, status, requestId, errors }: Problem) => ({
  status: code === 'invalid_params' ? BAD_REQUEST : status,
  type: JSON_TYPE,
  body: {
    success: false,
    error: {
      code: CODES[code] ?? code.toUpperCase(),
      message: detail,
      requestId,
      ...(errors && {
        details: errors.map((error) => ({ ...error, path: FIELDS[error.path] ?? error.path })),
      }),
    },
  },
});

/** The headers of a deprecated API: RFC 9745, RFC 8594, and the document of the one that replaces it. */
export const deprecationHeaders = (publicUrl: string, sunset: Date | null): FlatHeaders => [
  ...['Deprecation', `@${DEPRECATED_AT_S}`],
  ...(sunset === null ? [] : ['Sunset', sunset.toUTCString()]),
  ...['Link', `<${publicUrl}/api/docs>; rel="deprecation successor-version"`],
];
