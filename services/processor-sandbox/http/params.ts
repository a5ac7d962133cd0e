import * as z from 'zod/mini';
import { CURRENCIES, type Currency } from '../../../shared/contracts/currencies.ts';
import { OPERATIONS } from '../domain/faults.ts';
import { invalidRequest, type Problem } from '../domain/problem.ts';
import type { Form } from './form.ts';

const MAX_AMOUNT = 999_999_999_999;
const MAX_SECONDS = 253_402_300_799;

const integer = (min: number, max: number) =>
  z.pipe(
    z.pipe(
      z.string({ error: 'Invalid integer' }).check(z.regex(/^-?\d{1,15}$/, { error: 'Invalid integer' })),
      z.transform(Number),
    ),
    z
      .int()
      .check(
        z.gte(min, { error: `This value must be greater than or equal to ${min}.` }),
        z.lte(max, { error: `This value must be less than or equal to ${max}.` }),
      ),
  );

const amount = integer(1, MAX_AMOUNT);
const id = z.string().check(z.regex(/^\w{1,80}$/, { error: 'Invalid id' }));
const method = z.string().check(z.minLength(1), z.maxLength(200));

const currency = z.pipe(
  z.pipe(
    z.string({ error: 'Invalid currency' }),
    z.transform((text: string) => text.toLowerCase()),
  ),
  z.string().check(
    z.refine((code) => CURRENCIES.includes(code.toUpperCase() as Currency), {
      error: 'Invalid currency: must be one of the supported ISO codes',
    }),
  ),
);

const description = z.pipe(
  z.string().check(z.maxLength(1_000, { error: 'Invalid string: must have at most 1000 characters' })),
  z.transform((text: string) => (text === '' ? null : text)),
);

const metadata = z
  .record(
    z.string().check(z.maxLength(40, { error: 'Metadata keys can have at most 40 characters' })),
    z
      .string({ error: 'Metadata values must be text' })
      .check(z.maxLength(500, { error: 'Metadata values can have at most 500 characters' })),
  )
  .check(z.refine((all) => Object.keys(all).length <= 50, { error: 'Metadata can have at most 50 keys' }));

const onlyCards = z.pipe(
  z.pipe(
    z.record(z.string(), z.string()),
    z.transform((items: Record<string, string>) => Object.values(items)),
  ),
  z.array(z.literal('card', { error: 'The sandbox supports cards only' })).check(z.minLength(1)),
);

const flag = z.pipe(
  z.enum(['true', 'false'], { error: 'Invalid boolean' }),
  z.transform((text) => text === 'true'),
);

export const createParams = z.strictObject({
  amount,
  currency,
  payment_method: z.optional(method),
  allowed_payment_method_types: z.optional(onlyCards),
  // Its name before API version 2026-10-28.endive.
  payment_method_types: z.optional(onlyCards),
  automatic_payment_methods: z.optional(
    z.strictObject({ enabled: flag, allow_redirects: z.optional(z.enum(['always', 'never'])) }),
  ),
  confirm: z.optional(flag),
  capture_method: z.optional(z.enum(['manual', 'automatic', 'automatic_async'])),
  description: z.optional(description),
  metadata: z.optional(metadata),
});

export const confirmParams = z.strictObject({ payment_method: z.optional(method) });
export const captureParams = z.strictObject({ amount_to_capture: z.optional(amount) });

export const cancelParams = z.strictObject({
  cancellation_reason: z.optional(
    z.enum(['duplicate', 'fraudulent', 'requested_by_customer', 'abandoned'], {
      error: 'Invalid cancellation_reason',
    }),
  ),
});

export const refundParams = z.strictObject({
  payment_intent: z.optional(id),
  charge: z.optional(id),
  amount: z.optional(amount),
  reason: z.optional(
    z.enum(['duplicate', 'fraudulent', 'requested_by_customer'], { error: 'Invalid reason' }),
  ),
  metadata: z.optional(metadata),
});

const seconds = integer(0, MAX_SECONDS);
const page = {
  limit: z.optional(integer(1, 100)),
  starting_after: z.optional(id),
  created: z.optional(
    z.union(
      [
        z.pipe(
          seconds,
          z.transform((at: number): Range => ({ gte: at, lte: at })),
        ),
        z.strictObject({
          gte: z.optional(seconds),
          gt: z.optional(seconds),
          lte: z.optional(seconds),
          lt: z.optional(seconds),
        }),
      ],
      { error: 'Invalid timestamp' },
    ),
  ),
};
type Range = { gte?: number; gt?: number; lte?: number; lt?: number };

export const listParams = {
  payment_intents: z.strictObject(page),
  charges: z.strictObject({ ...page, payment_intent: z.optional(id) }),
  refunds: z.strictObject({ ...page, payment_intent: z.optional(id), charge: z.optional(id) }),
  events: z.strictObject({ ...page, type: z.optional(z.string().check(z.maxLength(100))) }),
};

/** The body of `POST /sandbox/faults`, which is JSON. */
export const faultParams = z.strictObject({
  slowMs: z.optional(z.int().check(z.gte(0), z.lte(600_000))),
  failAfterCharging: z.optional(z.enum(['timeout', '500'])),
  failBefore: z.optional(z.literal('500')),
  refuse: z.optional(
    z.strictObject({ status: z.literal([400, 402, 404]), code: z.string().check(z.regex(/^[a-z_]{1,80}$/)) }),
  ),
  refundStatus: z.optional(z.enum(['pending', 'failed'])),
  webhooks: z.optional(z.enum(['normal', 'twice', 'before-answer', 'never'])),
  times: z.optional(z.int().check(z.gte(1))),
  matching: z.optional(
    z.strictObject({
      amount: z.optional(z.int()),
      metadata: z.optional(z.record(z.string(), z.string())),
      operation: z.optional(z.enum(OPERATIONS)),
    }),
  ),
});

const nameOf = (path: readonly PropertyKey[]): string =>
  path.map((part, index) => (index === 0 ? String(part) : `[${String(part)}]`)).join('');

const at = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((place, key) => (place as Record<PropertyKey, unknown> | undefined)?.[key], value);

/** Parses parameters; the first invalid one becomes Stripe's error. */
export const readParams = <S extends z.ZodMiniType>(
  schema: S,
  form: Form | unknown,
): { params: z.output<S>; problem?: never } | { problem: Problem; params?: never } => {
  const parsed = schema.safeParse(form);
  if (parsed.success) return { params: parsed.data };
  const issue = parsed.error.issues[0];
  if (!issue) return { problem: invalidRequest('Invalid request') };
  if (issue.code === 'unrecognized_keys') {
    const param = nameOf([...issue.path, issue.keys[0] ?? '']);
    return {
      problem: invalidRequest(`Received unknown parameter: ${param}`, { code: 'parameter_unknown', param }),
    };
  }
  const param = nameOf(issue.path);
  if (at(form, issue.path) === undefined) {
    return {
      problem: invalidRequest(`Missing required param: ${param}.`, { code: 'parameter_missing', param }),
    };
  }
  const code = issue.message === 'Invalid integer' ? { code: 'parameter_invalid_integer' } : {};
  return { problem: invalidRequest(`${issue.message} (${param})`, { ...code, param }) };
};
