import * as z from 'zod/mini';
import { flag, number } from '../../broker/process/config.ts';

/** The webhook events that a pending payment needs; other results are in the answers. */
const DEFAULT_EVENTS = [
  'payment_intent.amount_capturable_updated',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
];

const settings = z.object({
  PORT: number(3_000, 0, 65_535),
  /** The address on which it listens. */
  SANDBOX_HOST: z._default(z.string(), '127.0.0.1'),
  /** The port; 0 for any free one. */
  SANDBOX_PORT: number(3_091, 0, 65_535),
  SANDBOX_SECRET_KEY: z
    .string({ error: 'must be set' })
    .check(
      z.regex(/^sk_test_[\w-]{8,}$/, { error: 'must start with sk_test_: a live key has no place here' }),
    ),
  SANDBOX_WEBHOOK_SECRET: z
    .string({ error: 'must be set' })
    .check(z.regex(/^whsec_[\w+/=-]{8,}$/, { error: 'must start with whsec_' })),
  /** The address for webhooks; by default this instance's gateway. */
  SANDBOX_WEBHOOK_URL: z.optional(z.url({ protocol: /^https?$/, error: 'must be an http address' })),
  /** Types of the events to send, separated by commas, or `*`: Stripe's `enabled_events`. */
  SANDBOX_WEBHOOK_EVENTS: z._default(z.string(), DEFAULT_EVENTS.join(',')),
  /** Whether this process makes demo data, beside no gateway that would take webhooks. */
  DEMO_RUN: flag,
  /** How long the bank of `pm_card_pending` takes. */
  SANDBOX_PENDING_MS: number(60_000, 0, 86_400_000),
});

export const config = z.pipe(
  settings,
  z.transform((given) => {
    const types = given.SANDBOX_WEBHOOK_EVENTS.split(',').map((type) => type.trim());
    return {
      host: given.SANDBOX_HOST || '127.0.0.1',
      port: given.SANDBOX_PORT,
      secretKey: given.SANDBOX_SECRET_KEY,
      webhookSecret: given.SANDBOX_WEBHOOK_SECRET,
      webhookUrl: given.SANDBOX_WEBHOOK_URL ?? `http://127.0.0.1:${given.PORT}/api/webhooks/processor`,
      isWanted: (type: string) => !given.DEMO_RUN && (types.includes('*') || types.includes(type)),
      pendingMs: given.SANDBOX_PENDING_MS,
    };
  }),
);
export type Config = z.output<typeof config>;
