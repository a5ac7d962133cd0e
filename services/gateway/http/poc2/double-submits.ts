import { hash } from 'node:crypto';
import type * as z from 'zod/mini';
import type { ParamsOf } from '../../../../shared/contracts/contract.ts';
import { canonicalEmail } from '../../../../shared/contracts/email-address.ts';
import { payments, type Payment } from '../../../../shared/contracts/payments.ts';
import type { Ask } from './ask.ts';

type Create = ParamsOf<typeof payments.actions.create>;
type Read = z.output<typeof payments.actions.create.params>;

/** The same payment within this time is the same click. */
const SAME_MS = 60_000;
/** A payment that did not succeed may be tried again at once. */
const OVER = ['failed', 'cancelled'];
const COMPARED = 20;

const plain = (text: string | undefined): string => (text ?? '').trim().normalize('NFC');
const sorted = (metadata: Readonly<Record<string, string>> = {}): string =>
  JSON.stringify(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));

const isSame = ({ payee, description, metadata }: Read, made: Payment): boolean =>
  ('id' in payee
    ? payee.id === made.payee.id
    : canonicalEmail(payee.email) === canonicalEmail(made.payee.email)) &&
  plain(description) === (made.description ?? '') &&
  sorted(metadata) === sorted(made.metadata);

const keyOf = (params: Create, newest?: Payment): string =>
  `poc2-${hash('sha256', JSON.stringify([params, newest?.id ?? null]), 'base64url')}`;

/**
 * Clients of POC-2 send no idempotency key. A payment that equals one of the last minute is that one. The
 * key of any other is made of the request and of the payer's newest payment of this amount: two requests at
 * the same time find the same one, so they have one key and make one payment; the next one has another key.
 * Payments of the future, as data of POC-2 may have them, are none of the last minute.
 */
export const findEarlier = async (
  ask: Ask,
  params: Create,
): Promise<{ result: Payment } | { key: string }> => {
  const read = payments.actions.create.params.safeParse(params);
  if (!read.success) return { key: keyOf(params) };
  const { amountMinor, currency } = read.data;
  const nowMs = ask.nowMs();
  const { items } = await ask.asCaller(payments.actions.list, {
    ...{ direction: 'sent', currency, amountMin: amountMinor, amountMax: amountMinor },
    ...{ to: new Date(nowMs + SAME_MS).toISOString(), sort: '-amount', limit: COMPARED },
  });
  const sinceMs = nowMs - SAME_MS;
  const earlier = items.find(
    (made) => Date.parse(made.createdAt) > sinceMs && !OVER.includes(made.status) && isSame(read.data, made),
  );
  if (earlier) return { result: earlier };
  return { key: keyOf(params, items[0]) };
};
