import * as z from 'zod/mini';
import { administratorRead } from './administrator-reads.ts';
import { contract } from './contract.ts';
import {
  amountMinor,
  currency,
  dayOrInstant,
  email,
  instant,
  prose,
  searchText,
  verbatim,
  verbatimKey,
  wholeNumber,
} from './fields.ts';
import { paymentId, userId } from './ids.ts';
import { isNumbered, numbered, pageNumber } from './numbered-pages.ts';
import { paymentRecords } from './payments/records.ts';
import { reportActions } from './payments/reports.ts';
import { paymentStatus } from './payments/status.ts';
import { TEST_CARDS } from './test-cards.ts';

export { PAYMENT_STATUSES, paymentStatus, type PaymentStatus } from './payments/status.ts';

export const DESCRIPTION_MAX_LENGTH = 500;

export const paymentMethod = z.enum(TEST_CARDS.map((card) => card.id) as [string, ...string[]], {
  error: 'is not a payment method that can be chosen',
});

const description = prose(DESCRIPTION_MAX_LENGTH);

/** Up to 20 pairs of text for the payer's own use, stored with the payment and returned unchanged. */
export const metadata = z
  .record(verbatimKey(40), verbatim(500))
  .check(z.refine((record) => Object.keys(record).length <= 20, { error: 'must have at most 20 entries' }));

export const party = z.object({ id: userId, name: z.string(), email: z.string() });
export type Party = z.output<typeof party>;

export const payment = z.object({
  id: paymentId,
  status: paymentStatus,
  amountMinor: z.int(),
  currency,
  payer: party,
  payee: party,
  /** How it is paid, such as `pm_card_visa`; to the payee the card's brand alone, such as `visa`. */
  paymentMethod: z.string(),
  description: z.nullable(z.string()),
  metadata: z.record(z.string(), z.string()),
  /**
   * Why it failed: the processor's decline code (https://docs.stripe.com/declines/codes) or one of ours; to
   * the payee always `payment_failed`.
   */
  failure: z.nullable(z.object({ code: z.string() })),
  /** Grows by one with every change of the status. A page with a smaller version is stale. */
  version: z.int(),
  createdAt: instant,
  updatedAt: instant,
});
export type Payment = z.output<typeof payment>;

export const timelineEntry = z.object({
  at: instant,
  status: paymentStatus,
  /** Why, as a code: of a decline (for the payer only), or `cancelled_by_payer`; null where there is none. */
  reason: z.nullable(z.string()),
});
export type TimelineEntry = z.output<typeof timelineEntry>;

/** The most payments whose timelines one call may ask for. */
export const TIMELINES_MAX = 100;

export const PAYMENT_SORTS = ['-createdAt', 'createdAt', '-amount', 'amount', 'status', '-status'] as const;

const listParams = z.strictObject({
  limit: z._default(wholeNumber(1, 100), 25),
  cursor: z.optional(z.string().check(z.maxLength(500))),
  direction: z.optional(z.enum(['sent', 'received'], { error: 'must be sent or received' })),
  person: z.optional(userId),
  status: z.optional(paymentStatus),
  currency: z.optional(currency),
  from: z.optional(dayOrInstant),
  /** Exclusive. */
  to: z.optional(dayOrInstant),
  amountMin: z.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
  amountMax: z.optional(wholeNumber(1, Number.MAX_SAFE_INTEGER)),
  q: z.optional(searchText(3, 100)),
  sort: z._default(
    z.enum(PAYMENT_SORTS, { error: `must be one of ${PAYMENT_SORTS.join(', ')}` }),
    '-createdAt',
  ),
});
export type PaymentListParams = z.input<typeof listParams>;

const changed = z.object({
  id: paymentId,
  payerId: userId,
  payeeId: userId,
  amountMinor: z.int(),
  currency,
  status: paymentStatus,
  version: z.int(),
  at: instant,
});

/** Realtime notifies the parties of each change. */
const toParties = { version: 1, payload: changed, subscribers: ['admin', 'realtime'] } as const;

export const payments = contract('payments', {
  actions: {
    create: {
      summary: 'Pay a vendor',
      http: { route: 'POST /api/payments', status: 201, location: '/api/payments/:id' },
      permission: ['CUSTOMER', 'VENDOR'],
      params: z.strictObject({
        payee: z.union([z.strictObject({ email }), z.strictObject({ id: userId })], {
          error: 'must be {email} or {id} of a vendor',
        }),
        amountMinor,
        currency,
        paymentMethod,
        description: z.optional(description),
        metadata: z.optional(metadata),
      }),
      result: payment,
      errors: [
        'payments_stopped',
        'idempotency_key_missing',
        'idempotency_key_invalid',
        'idempotency_key_reused',
        'idempotency_in_progress',
        'payee_unknown',
        'payee_unavailable',
        'pay_oneself',
        'amount_over_limit',
        'amount_under_limit',
        'amount_step',
        'currency_unavailable',
        'card_number_refused',
      ],
      idempotent: 'key',
      limit: { perAccountPerMinute: 1_500, perAddressPerMinute: 15_000 },
    },
    list: {
      summary: 'Payments that you sent or received, page by page; of all users for administrators',
      http: { route: 'GET /api/payments', revalidated: true },
      permission: 'signed-in',
      params: listParams,
      result: z.object({ items: z.array(payment), nextCursor: z.nullable(z.string()) }),
      errors: ['invalid_cursor'],
      idempotent: 'read',
      recorded: true,
      limit: { perAccountPerMinute: 1_200, costs: { q: 10 } },
    },
    listPage: {
      summary: 'Payments as `list` has them, by the number of their page, and how many there are',
      permission: 'signed-in',
      params: z
        .extend(z.omit(listParams, { cursor: true, person: true, q: true }), { pageNumber })
        .check(isNumbered),
      result: numbered(payment),
      errors: [],
      idempotent: 'read',
      recorded: true,
    },
    get: {
      summary: 'One payment with its timeline; any payment for administrators',
      http: { route: 'GET /api/payments/:id', revalidated: true },
      permission: 'signed-in',
      params: z.strictObject({ id: paymentId }),
      result: z.extend(payment, { timeline: z.array(timelineEntry) }),
      errors: ['payment_not_found'],
      idempotent: 'read',
      recorded: true,
      limit: { perAccountPerMinute: 6_000, perAddressPerMinute: 30_000 },
    },
    timelines: {
      summary:
        'The timelines of payments by their ids, as `get` has them; without those that it would not find',
      permission: 'signed-in',
      params: z.strictObject({ ids: z.array(paymentId).check(z.maxLength(TIMELINES_MAX)) }),
      result: z.object({ items: z.array(z.object({ id: paymentId, timeline: z.array(timelineEntry) })) }),
      errors: [],
      idempotent: 'read',
      recorded: true,
    },
    cancel: {
      summary: 'Cancel a payment that is still pending; only its payer can',
      http: { route: 'POST /api/payments/:id/cancel' },
      permission: ['CUSTOMER', 'VENDOR'],
      params: z.strictObject({ id: paymentId }),
      result: payment,
      errors: ['payment_not_found', 'payment_not_pending'],
      idempotent: 'yes',
    },
    payees: {
      summary:
        'Active vendors whose name or e-mail address contains the text, or whose id it is, at most ten',
      http: { route: 'GET /api/payees', revalidated: true },
      permission: ['CUSTOMER', 'VENDOR'],
      params: z.strictObject({
        // An e-mail address is found in full.
        q: searchText(2, 255),
      }),
      result: z.object({ items: z.array(party) }),
      errors: [],
      idempotent: 'read',
      cache: { keys: ['q', 'caller'], lifetimeS: 60, clearedBy: ['auth.user-changed'] },
      limit: { perAccountPerMinute: 120, perAddressPerMinute: 1_200 },
    },
    recentPayees: {
      summary: 'The vendors that you paid last, at most five, and the currency of your last payment',
      http: { route: 'GET /api/payees/recent', revalidated: true },
      permission: ['CUSTOMER', 'VENDOR'],
      params: z.strictObject({}),
      result: z.object({ items: z.array(party), currency: z.nullable(currency) }),
      errors: [],
      idempotent: 'read',
    },
    records: {
      summary: 'The postings of a payment, what was asked of the processor, and its webhooks',
      http: { route: 'GET /api/payments/:id/records' },
      permission: ['ADMIN'],
      params: z.strictObject({ id: paymentId }),
      result: z.object(paymentRecords),
      errors: ['payment_not_found'],
      idempotent: 'read',
    },
    ...reportActions,
    paymentsOf: {
      summary: 'All payments that a user sent or received, oldest first',
      permission: 'services',
      params: z.strictObject({ userId, cursor: z.optional(z.string().check(z.maxLength(1_000))) }),
      result: z.object({ items: z.array(payment), nextCursor: z.nullable(z.string()) }),
      errors: ['invalid_cursor'],
      idempotent: 'read',
    },
    inspect: {
      summary: 'Everything about one payment, for operators',
      permission: 'services',
      params: z.strictObject({ id: paymentId }),
      result: z.extend(payment, {
        timeline: z.array(timelineEntry),
        ...paymentRecords,
        idempotencyKey: z.nullable(z.string()),
        /** Events of this payment that are still in the outbox. */
        unpublished: z.array(z.string()),
      }),
      errors: ['payment_not_found'],
      idempotent: 'read',
    },
    processorWebhook: {
      summary: 'Webhook of the card processor',
      http: {
        route: 'POST /api/webhooks/processor',
        status: 204,
        body: 'raw',
        bodyMaxBytes: 1024 * 1024,
        headers: { signature: 'stripe-signature' },
      },
      permission: 'anyone',
      params: z.strictObject({ body: z.string(), signature: z._default(z.string(), '') }),
      result: z.object({}),
      errors: ['webhook_signature', 'webhook_thin_event'],
      idempotent: 'yes',
      limit: { perAddressPerMinute: 60_000 },
    },
  },
  events: {
    administratorRead,
    created: { summary: 'A payment was created', ...toParties },
    processing: { summary: 'A payment was authorized and is being captured', ...toParties },
    completed: { summary: 'The payee has the money', ...toParties },
    failed: { summary: 'A payment failed and no money moved', ...toParties },
    cancelled: { summary: 'The payer cancelled a payment while it was pending', ...toParties },
    reversalStuck: {
      summary: 'The money of a payment that is over could not be given back yet; attempts continue',
      version: 1,
      subscribers: ['admin'],
      payload: z.object({ id: paymentId, amountMinor: z.int(), currency, code: z.string(), at: instant }),
    },
  },
});
