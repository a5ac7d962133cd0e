import * as z from 'zod/mini';
import { currency, instant } from '../fields.ts';

/** One of the postings of a movement of money, which sum to zero: a debit is positive. */
export const posting = z.object({
  at: instant,
  movement: z.string(),
  account: z.string(),
  /** Whose account it is; null for those of the platform. */
  ownerId: z.nullable(z.string()),
  currency,
  amountMinor: z.int(),
});

/** What is asked of the card processor: to charge, or to give back. */
export const operation = z.object({
  kind: z.enum(['charge', 'reversal']),
  step: z.string(),
  attempts: z.int(),
  nextAttemptAt: z.nullable(instant),
  /** The processor's PaymentIntent. */
  intentId: z.nullable(z.string()),
  /** Idempotency keys that were used. */
  keys: z.int(),
  /** Why a reversal is stuck, as a code. */
  stuck: z.nullable(z.string()),
});

/** A webhook of the processor, as it was received. */
export const webhook = z.object({ id: z.string(), type: z.string(), receivedAt: instant });

/** What the ledger and the processor have of one payment, each oldest first. No card data. */
export const paymentRecords = {
  postings: z.array(posting),
  operations: z.array(operation),
  webhooks: z.array(webhook),
};
