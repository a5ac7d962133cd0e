import { formatMoney } from '../../shared/contracts/money.ts';
import type { payments } from '../../shared/contracts/payments.ts';
import type { ResultOf } from '../../shared/contracts/contract.ts';

type PaymentInspection = ResultOf<typeof payments.actions.inspect>;
type Entry = { at: string; text: string };

const entriesOf = ({ timeline, postings, webhooks, currency }: PaymentInspection): Entry[] => [
  ...timeline.map(({ at, status, reason }) => ({
    at,
    text: `status ${status}${reason ? `: ${reason}` : ''}`,
  })),
  ...postings.map(({ at, movement, account, amountMinor }) => ({
    at,
    text: `posted ${formatMoney({ amountMinor, currency }, 'en')} to ${account} (${movement})`,
  })),
  ...webhooks.map(({ receivedAt, type, id }) => ({ at: receivedAt, text: `webhook ${type} ${id}` })),
];

/** Everything that is known of a payment, in the order in which it happened. */
export const describePayment = (inspect: PaymentInspection): string => {
  const { id, status, amountMinor, currency, payer, payee, processing, unpublished } = inspect;
  const entries = entriesOf(inspect).sort((a, b) => (a.at < b.at ? -1 : 1));
  const next = processing.nextAttemptAt
    ? `next: ${processing.step} at ${processing.nextAttemptAt}, ${processing.attempts} attempts so far`
    : 'nothing is left to do';
  return [
    `${id}  ${status}  ${formatMoney({ amountMinor, currency }, 'en')}`,
    `from      ${payer.name} <${payer.email}> ${payer.id}`,
    `to        ${payee.name} <${payee.email}> ${payee.id}`,
    `card      ${inspect.paymentMethod}${inspect.failure ? `, failed: ${inspect.failure.code}` : ''}`,
    `for       ${inspect.description ?? '–'}`,
    `key       ${inspect.idempotencyKey ?? 'forgotten'}`,
    `intent    ${processing.intentId ?? '–'}; ${next}`,
    `events     ${unpublished.length === 0 ? 'all told' : `still in the outbox: ${unpublished.join(', ')}`}`,
    ...entries.map(({ at, text }) => `${at}  ${text}`),
  ].join('\n');
};
