import { CURRENCIES, type Currency } from '../../../../shared/contracts/currencies.ts';
import { fromDecimal, toDecimal } from '../../../../shared/contracts/money.ts';
import type { Payment, PaymentListParams, TimelineEntry } from '../../../../shared/contracts/payments.ts';
import type { ParamsOf } from '../../../../shared/contracts/contract.ts';
import type { payments } from '../../../../shared/contracts/payments.ts';
import { datesOf, pageOf, refuse, sortOf, type Params } from './params.ts';

/** More digits than any amount has. */
const AMOUNT_MAX_LENGTH = 30;

/** A JSON number is read by the shortest decimal that means it, so that no sum is formed of it. */
const decimalOf = (amount: unknown): string | null => {
  if (typeof amount !== 'number' && typeof amount !== 'string') return null;
  const text = String(amount);
  if (text.length > AMOUNT_MAX_LENGTH) return null;
  // POC-2 had two decimals in each currency: 500.00 is 500 yen.
  return /^\d+\.\d*$/.test(text) ? text.replace(/\.?0*$/, '') : text;
};

const currencyOf = (given: unknown): Currency => {
  const code = typeof given === 'string' ? given.toUpperCase() : '';
  const known = CURRENCIES.find((one) => one === code);
  return known ?? refuse('currency', 'must be an ISO 4217 code; POC-2 had one for those that named none');
};

const minorOf = (amount: unknown, currency: Currency): number => {
  const text = decimalOf(amount);
  const minor = text === null ? null : fromDecimal(text, currency);
  if (minor === 0) return refuse('amount', 'must be more than zero');
  return (
    minor ??
    refuse('amount', `must be a decimal such as "100.10", without parts that ${currency} does not have`)
  );
};

/** All payments are instant: those of other types came from POC-2, where nothing was ever scheduled. */
const refuseOtherTypes = (type: unknown): void => {
  if (type === undefined || type === 'instant') return;
  refuse('type', 'must be instant: payments cannot be scheduled or repeated');
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const metadataOf = (given: unknown): Record<string, string> | undefined => {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== 'object' || Array.isArray(given)) return refuse('metadata', 'must be an object');
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, textOf(value)]));
};

const payeeOf = ({ recipientId: id, recipientEmail: email }: Params) => {
  if (id !== undefined) return { id: id as string };
  if (email !== undefined) return { email: email as string };
  return refuse('recipientId', 'or recipientEmail is missing');
};

/** Clients of POC-2 know of no cards; until there is a form for them, each payment is by a test card. */
const CARD = 'pm_card_visa';

export const toCreate = (given: Params): ParamsOf<typeof payments.actions.create> => {
  refuseOtherTypes(given['type']);
  const currency = currencyOf(given['currency']);
  const { paymentMethod = CARD } = given;
  return {
    payee: payeeOf(given),
    amountMinor: minorOf(given['amount'], currency),
    currency,
    paymentMethod: paymentMethod as string,
    ...(given['description'] != null && { description: given['description'] as string }),
    ...(given['metadata'] != null && { metadata: metadataOf(given['metadata']) }),
  };
};

const SORTS: Readonly<Record<string, string>> = {
  createdAt: 'createdAt',
  amount: 'amount',
  status: 'status',
};

export const toListPage = (given: Params): ParamsOf<typeof payments.actions.listPage> => {
  refuseOtherTypes(given['type']);
  return {
    ...pageOf(given, 10),
    ...datesOf(given),
    sort: sortOf(given, SORTS) as PaymentListParams['sort'],
    ...(given['status'] !== undefined && { status: given['status'] as PaymentListParams['status'] }),
  };
};

/** A client can only cancel; everything else is the processor's to decide, and amounts are fixed. */
export const toCancel = ({ id, status }: Params): { id: string } => {
  if (status === 'cancelled') return { id: id as string };
  if (status === undefined)
    return refuse('status', 'can be set to cancelled, and nothing else of a payment can be changed');
  return refuse('status', 'can only be set to cancelled: the card processor decides about the others');
};

/** Amounts are texts with the decimals of their currency: "100.10", and "100" in yen. */
export const fromPayment = (payment: Payment) => ({
  id: payment.id,
  senderId: payment.payer.id,
  recipientId: payment.payee.id,
  amount: toDecimal(payment),
  currency: payment.currency,
  status: payment.status,
  type: 'instant',
  description: payment.description,
  metadata: payment.metadata,
  failureReason: payment.failure?.code ?? null,
  completedAt: payment.status === 'completed' ? payment.updatedAt : null,
  createdAt: payment.createdAt,
  updatedAt: payment.updatedAt,
  sender: payment.payer,
  recipient: payment.payee,
});

export const fromPaymentWithTimeline = (payment: Payment & { timeline: TimelineEntry[] }) => ({
  ...fromPayment(payment),
  transactions: payment.timeline.map(({ at, status, reason }) => ({
    paymentId: payment.id,
    status,
    statusMessage: reason,
    createdAt: at,
  })),
});
