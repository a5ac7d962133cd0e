const id = { type: 'string', pattern: '^(pay|usr)_[0-9a-f]{32}$' } as const;
const time = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' } as const;
const CURRENCIES =
  'AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS ' +
  'INR JOD JPY KRW KWD MXN MYR NOK ' +
  'NZD OMR PHP PLN RON SAR SEK SGD THB TND TRY USD VND ZAR';
const currency = { type: 'string', enum: CURRENCIES.split(' ') } as const;
const status = {
  type: 'string',
  enum: ['pending', 'processing', 'completed', 'failed', 'cancelled'],
} as const;
const email = { type: 'string', format: 'email', maxLength: 255 } as const;
const metadata = {
  type: 'object',
  maxProperties: 20,
  additionalProperties: { type: 'string', maxLength: 500 },
} as const;

const party = {
  type: 'object',
  properties: { id, name: { type: 'string' }, email: { type: 'string' } },
  required: ['id', 'name', 'email'],
} as const;
const payment = {
  type: 'object',
  properties: {
    id,
    status,
    amountMinor: { type: 'integer' },
    currency,
    payer: party,
    payee: party,
    paymentMethod: { type: 'string' },
    description: { type: ['string', 'null'] },
    metadata: { type: 'object', additionalProperties: { type: 'string' } },
    failure: {
      type: ['object', 'null'],
      properties: { code: { type: 'string' } },
    },
    version: { type: 'integer' },
    createdAt: time,
    updatedAt: time,
  },
} as const;

const METHODS = [
  'pm_card_visa',
  'pm_card_mastercard',
  'pm_card_chargeDeclined',
  'pm_card_chargeDeclinedInsufficientFunds',
  'pm_card_chargeDeclinedExpiredCard',
  'pm_card_pending',
];

const pair = (name: string, schema: object) =>
  ({
    type: 'object',
    properties: { [name]: schema },
    required: [name],
    additionalProperties: false,
  }) as const;

export type CreateBody = {
  payee: { id?: string; email?: string };
  amountMinor: number;
  currency: string;
  paymentMethod: string;
  description?: string;
  metadata?: Record<string, string>;
};
export const CREATE_SCHEMA = {
  body: {
    type: 'object',
    properties: {
      payee: { anyOf: [pair('email', email), pair('id', id)] },
      amountMinor: { type: 'integer', minimum: 1, maximum: 100_000_000 },
      currency,
      paymentMethod: { type: 'string', enum: METHODS },
      description: { type: 'string', maxLength: 500 },
      metadata,
    },
    required: ['payee', 'amountMinor', 'currency', 'paymentMethod'],
    additionalProperties: false,
  },
  response: { 201: payment },
};

export type ListQuery = { limit: number; cursor?: string };
export const LIST_SCHEMA = {
  querystring: {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 25 },
      cursor: { type: 'string', maxLength: 500 },
    },
    additionalProperties: false,
  },
  response: {
    200: {
      type: 'object',
      properties: {
        items: { type: 'array', items: payment },
        nextCursor: { type: ['string', 'null'] },
      },
    },
  },
};

/** Whether a text contains 13 or more digits in a row, which may be a card number. */
export const holdsDigits = (text: string): boolean => /\d(?:[ -]?\d){12,}/.test(text);
