/** Stripe's error object (https://docs.stripe.com/api/errors) with its HTTP status. */
export type Problem = {
  status: 400 | 401 | 402 | 403 | 404 | 409 | 413 | 500 | 503;
  type: 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';
  message: string;
  code?: string;
  declineCode?: string;
  param?: string;
};

export const invalidRequest = (message: string, more: { code?: string; param?: string } = {}): Problem => ({
  status: 400,
  type: 'invalid_request_error',
  message,
  ...more,
});

export const missing = (noun: string, id: string, param: string): Problem => ({
  status: 404,
  type: 'invalid_request_error',
  code: 'resource_missing',
  message: `No such ${noun}: '${id}'`,
  param,
});

export const serverError: Problem = {
  status: 500,
  type: 'api_error',
  message: 'An unknown error occurred',
};
