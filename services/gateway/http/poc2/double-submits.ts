import { hash } from 'node:crypto';
import type { ParamsOf } from '../../../../shared/contracts/contract.ts';
import { canonicalEmail } from '../../../../shared/contracts/email-address.ts';
import { payments, type Payment } from '../../../../shared/contracts/payments.ts';
import type { Ask } from './ask.ts';

type Create = ParamsOf<typeof payments.actions.create>;

/** The same payment within this time is the same click. */
const SAME_MS = 60_000;
/** A payment that did not succeed may be tried again at once. */
const OVER = ['failed', 'cancelled'];
const COMPARED = 20;

const plain = (text: string | undefined): string => (text ?? '').trim().normalize('NFC');
const sorted = (metadata: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));

const isSame = ({ payee, description, metadata }: Create, made: Payment): boolean =>
  ('id' in payee
    ? payee.id === made.payee.id
    : canonicalEmail(payee.email) === canonicalEmail(made.payee.email)) &&
  plain(description) === (made.description ?? '') &&
  sorted(metadata) === sorted(made.metadata);

/**
 * Clients of POC-2 send no idempotency key. A payment that equals one of the last minute is that one. The
 * key of any other is made of the request and of the payer's newest payment of this amount: two requests at
 * the same time find the same one, so they have one key and make one payment; the next one has another key.
 */
export const findEarlier = async (
  ask: Ask,
  params: Create,
): Promise<{ result: Payment } | { key: string }> => {
  const { amountMinor, currency } = params;
  const { items } = await ask.asCaller(payments.actions.list, {
    ...{ direction: 'sent', currency, amountMin: amountMinor, amountMax: amountMinor },
    ...{ sort: '-amount', limit: COMPARED },
  });
  const sinceMs = ask.nowMs() - SAME_MS;
  const earlier = items.find(
    (made) => Date.parse(made.createdAt) > sinceMs && !OVER.includes(made.status) && isSame(params, made),
  );
  if (earlier) return { result: earlier };
  const text = JSON.stringify([params, items[0]?.id ?? null]);
  return { key: `poc2-${hash('sha256', text, 'base64url')}` };
};
