import type { Money } from './money.ts';

/**
 * All error codes, each with its HTTP status and a sentence. The list is closed; browsers and API clients may
 * rely on the codes. Those after which the same request may succeed have a third value: the seconds to wait,
 * unless the error knows better. Over HTTP they always carry `Retry-After`.
 */
export const ERRORS = {
  // The request itself
  bad_request: [400, 'The request could not be read.'],
  malformed_json: [400, 'The body is not valid JSON.'],
  invalid_params: [422, 'Some fields are missing or not valid.'],
  invalid_cursor: [400, 'The cursor is not one that this list gave out for these filters.'],
  request_timeout: [408, 'The request took too long to arrive.'],
  body_too_large: [413, 'The body is larger than allowed.'],
  unsupported_media_type: [415, 'Send the body as application/json.'],
  unsupported_encoding: [415, 'Send the body without a Content-Encoding.'],
  method_not_allowed: [405, 'This address does not take this method.'],
  not_found: [404, 'There is nothing at this address.'],
  rate_limited: [429, 'Too many requests. Try again in a moment.', 1],
  // Authentication
  unauthenticated: [401, 'Sign in to do this.'],
  token_expired: [401, 'The access token has expired.'],
  session_ended: [401, 'This session has ended. Sign in again.'],
  refresh_reused: [401, 'This refresh token was used before. The session has been ended for safety.'],
  forbidden: [403, 'You are not allowed to do this.'],
  cross_site: [403, 'This request does not come from our own pages.'],
  // auth
  sign_ups_stopped: [503, 'No new accounts can be opened at the moment.', 60],
  email_taken: [409, 'An account with this e-mail address exists already.'],
  wrong_credentials: [401, 'The e-mail address or the password is not right.'],
  wrong_password: [422, 'The current password is not right.'],
  password_unchanged: [422, 'The new password is the same as the current one.'],
  account_suspended: [403, 'This account has been suspended.'],
  sign_in_locked: [429, 'Too many wrong passwords. Try again later.', 60],
  session_not_found: [404, 'There is no such session.'],
  user_not_found: [404, 'There is no such user.'],
  lockout_not_found: [404, 'There is no such lockout.'],
  own_account: [409, 'You cannot do this to your own account.'],
  account_closed: [409, 'This account is closed for good.'],
  not_invited: [409, 'This user has set a password before. Reset the password instead.'],
  invitation_pending: [409, 'This user has set no password yet. Renew the invitation instead.'],
  link_invalid: [422, 'This link is unknown, used or too old. Ask an administrator for a new one.'],
  approval_needed: [409, 'Another administrator has to approve this. Your request waits for a day.'],
  setting_changed: [409, 'This setting was changed meanwhile. Read it again before you change it.'],
  dead_letter_not_found: [404, 'There is no such dead letter. It may have been replayed or discarded.'],
  approval_not_found: [404, 'There is no such request.'],
  approval_over: [409, 'This request has been decided, has expired or is void.'],
  own_request: [409, 'Another administrator has to approve your request.'],
  approver_dependent: [
    409,
    'The administrator who asked gave you access within the last week. Another one has to approve this.',
  ],
  last_admin: [409, 'The last active administrator has to stay one.'],
  // realtime
  ticket_invalid: [401, 'This ticket is unknown, used or too old. Ask for a new one.'],
  too_many_connections: [429, 'There are too many open connections. Close some of them.', 10],
  notification_not_found: [404, 'There is no such notification.'],
  // profile
  profile_changed: [409, 'This was changed elsewhere meanwhile. Read it again before you change it.'],
  image_unsupported: [415, 'Send a PNG, JPEG or WebP image.'],
  image_unreadable: [422, 'This image is damaged or incomplete.'],
  image_too_large: [
    422,
    'This image has too many pixels: at most 50 million, and fewer with transparency or 16 bits.',
  ],
  upload_interrupted: [
    409,
    'This upload was replaced by another one, or a part of it is missing. Send it again.',
  ],
  export_running: [409, 'Your data is being collected already.'],
  export_not_ready: [404, 'There is no export to download.'],
  avatar_not_found: [404, 'This user has no avatar.'],
  // payments
  idempotency_key_missing: [400, 'Send an Idempotency-Key header, one for each payment you mean to make.'],
  idempotency_key_invalid: [400, 'The Idempotency-Key must be 1 to 255 visible ASCII characters.'],
  idempotency_key_reused: [422, 'This Idempotency-Key was used for another payment. Use a new key.'],
  idempotency_in_progress: [409, 'The first request with this Idempotency-Key is still running.', 1],
  payments_stopped: [503, 'No new payments can be made at the moment. Payments on their way go on.', 60],
  payee_unknown: [422, 'There is no vendor with this e-mail address or id.'],
  payee_unavailable: [422, 'This vendor cannot receive payments at the moment.'],
  pay_oneself: [422, 'You cannot pay yourself.'],
  amount_over_limit: [422, 'The amount is over the limit for one payment in this currency.'],
  amount_under_limit: [422, 'The amount is under the least that can be paid in this currency.'],
  amount_step: [422, 'Amounts in this currency must end in 0.'],
  currency_unknown: [422, 'This currency is not supported.'],
  currency_unavailable: [422, 'No payment can be made in this currency at this time.'],
  payment_method_unknown: [422, 'This payment method is not known.'],
  card_number_refused: [
    422,
    'This looks like a card number. Never type one here, and write other numbers in groups of five digits.',
  ],
  payment_not_found: [404, 'There is no such payment.'],
  payment_not_pending: [409, 'Only a pending payment can be cancelled.'],
  webhook_signature: [400, 'The webhook signature is missing, wrong or too old.'],
  webhook_thin_event: [400, 'This is a thin event. Let the event destination send snapshot events.'],
  // Ourselves
  internal: [500, 'Something went wrong on our side.'],
  bad_gateway: [502, 'The service behind this address could not be reached, or its answer was not valid.'],
  unavailable: [503, 'This is not available at the moment. Try again shortly.', 1],
  timeout: [504, 'This took too long. Try again with the same key.', 1],
} as const satisfies Readonly<
  Record<string, readonly [status: number, sentence: string, retryAfterS?: number]>
>;

export type ErrorCode = keyof typeof ERRORS;

/** Seconds until the same request may succeed; undefined where asking again changes nothing. */
export const retryAfterOf = (code: ErrorCode): number | undefined => ERRORS[code][2];

/**
 * One invalid field: its path in the request (`payee.email`) and the reason; `limit` is the one that an
 * amount breaks.
 */
export type FieldError = { path: string; message: string; code?: ErrorCode; limit?: Money };

/** RFC 9457 problem details with our extensions; the body of every error over HTTP. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  requestId: string;
  /** 32 hex digits; absent where an answer is not the gateway's own. */
  traceId?: string;
  errors?: FieldError[];
};

export const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERRORS, code);
