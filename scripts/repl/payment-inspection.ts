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

type InspectedOperation = PaymentInspection['operations'][number];

const describeOperation = (operation: InspectedOperation): string => {
  const { kind, step, attempts, nextAttemptAt, intentId, keys, stuck } = operation;
  const next = nextAttemptAt
    ? `next: ${step} at ${nextAttemptAt}, ${attempts} attempts so far`
    : 'no step is due';
  const problem = stuck ? `, stuck: ${stuck}` : '';
  return `${kind.padEnd(9)} ${intentId ?? 'no intent'}; ${next}, keys used: ${keys}${problem}`;
};

/** A payment with its history, postings and webhooks in the order of their times. */
export const describePayment = (inspection: PaymentInspection): string => {
  const { id, status, amountMinor, currency, payer, payee, operations, failure, unpublished } = inspection;
  const entries = entriesOf(inspection).sort((a, b) => (a.at < b.at ? -1 : 1));
  const failed = failure ? `, failed: ${failure.code}` : '';
  const outbox =
    unpublished.length === 0 ? 'all published' : `still in the outbox: ${unpublished.join(', ')}`;
  return [
    `${id}  ${status}  ${formatMoney({ amountMinor, currency }, 'en')}`,
    `from      ${payer.name} <${payer.email}> ${payer.id}`,
    `to        ${payee.name} <${payee.email}> ${payee.id}`,
    `card      ${inspection.paymentMethod}${failed}`,
    `for       ${inspection.description ?? '–'}`,
    `key       ${inspection.idempotencyKey ?? 'purged'}`,
    ...operations.map(describeOperation),
    `events    ${outbox}`,
    ...entries.map(({ at, text }) => `${at}  ${text}`),
  ].join('\n');
};
