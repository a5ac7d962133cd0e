import type { TableRows } from '../../seed/bulk-load.ts';
import { choose, seededRandom, type Random } from '../../seed/random.ts';
import { hexText, irregularOf, timeText, uuidOf } from './draw.ts';
import { IRREGULAR_PAYMENTS } from './irregular-payments.ts';
import type { SamplePerson } from './people.ts';

type Transaction = { status: string; message: string | null; atMs: number };

export type SamplePayment = {
  id: string;
  senderId: string;
  recipientId: string | null;
  amount: string;
  currency: string;
  status: string;
  type: string;
  description: string | null;
  /** JSON. */
  metadata: string | null;
  pspId: string | null;
  pspStatus: string | null;
  failureReason: string | null;
  completedMs: number | null;
  createdMs: number;
  updatedMs: number;
  transactions: Transaction[];
};

const YEAR_MS = 365 * 86_400_000;
const STATUSES = [
  ...Array<string>(10).fill('completed'),
  ...Array<string>(4).fill('pending'),
  ...['processing', 'failed', 'failed', 'cancelled', 'cancelled'],
];
const CURRENCIES = [...Array<string>(9).fill('USD'), 'EUR', 'EUR', 'EUR', 'GBP', 'CHF', 'JPY', 'KWD', 'INR'];
const TYPES = ['instant', 'instant', 'instant', 'scheduled', 'recurring'];
const FAILURES = ['card_declined', 'insufficient_funds', 'expired_card'];
const PURPOSES = ['coffee beans', 'office rent', 'server hosting', 'legal advice', 'train tickets', 'wine'];

const drawAmount = (random: Random, currency: string): string => {
  const cents = Math.floor(Math.exp(Math.log(500) + random() * Math.log(2_000)));
  const whole = Math.floor(cents / 100);
  return currency === 'JPY' ? `${whole + 100}.00` : `${whole + 5}.${String(cents % 100).padStart(2, '0')}`;
};

const transactionsOf = (random: Random, status: string, createdMs: number): Transaction[] => {
  const found: Transaction[] = [{ status: 'pending', message: 'Payment initiated', atMs: createdMs }];
  const authorizedMs = createdMs + 200 + Math.floor(random() * 800);
  if (status !== 'pending' && status !== 'cancelled')
    found.push({ status: 'processing', message: null, atMs: authorizedMs });
  if (status !== 'pending' && status !== 'processing')
    found.push({ status, message: null, atMs: authorizedMs + Math.floor(random() * 2_000) });
  return found;
};

const drawPayment = (random: Random, people: readonly SamplePerson[], createdMs: number): SamplePayment => {
  const currency = choose(random, CURRENCIES);
  const status = choose(random, STATUSES);
  const transactions = transactionsOf(random, status, createdMs);
  const endedMs = transactions.at(-1)?.atMs ?? createdMs;
  const sender = Math.floor(random() ** 2 * people.length);
  const recipient = (sender + 1 + Math.floor(random() * (people.length - 1))) % people.length;
  return {
    id: uuidOf(random),
    senderId: people[sender]?.id ?? '',
    recipientId: people[recipient]?.id ?? null,
    amount: drawAmount(random, currency),
    currency,
    status,
    type: choose(random, TYPES),
    description: random() < 0.7 ? `Invoice for ${choose(random, PURPOSES)}` : null,
    metadata: random() < 0.4 ? `{"order": "${hexText(random, 6)}"}` : null,
    pspId: status === 'completed' ? `psp_${hexText(random, 16)}` : null,
    pspStatus: status === 'completed' ? 'succeeded' : null,
    failureReason: status === 'failed' ? choose(random, FAILURES) : null,
    completedMs: status === 'completed' ? endedMs : null,
    createdMs,
    updatedMs: endedMs,
    transactions,
  };
};

/** Payments of the year before `nowMs`, oldest first. */
export function* samplePayments(
  people: readonly SamplePerson[],
  count: number,
  seed: number,
  nowMs: number,
): Generator<SamplePayment> {
  const random = seededRandom(seed ^ 0x9a7);
  const stepMs = YEAR_MS / count;
  for (let number = 0; number < count; number += 1) {
    const createdMs = Math.floor(nowMs - YEAR_MS + (number + random()) * stepMs);
    const payment = drawPayment(random, people, createdMs);
    const change = irregularOf(IRREGULAR_PAYMENTS, number, count);
    yield change ? { ...payment, ...change(payment, random) } : payment;
  }
}

/** Rows of both tables. */
export const paymentRows = (payments: readonly SamplePayment[], random: Random): TableRows[] => [
  {
    table: 'payments',
    columns: [
      ...['id', 'sender_id', 'recipient_id', 'amount', 'currency', 'status', 'type', 'description'],
      ...['metadata', 'psp_transaction_id', 'psp_status', 'failure_reason', 'completed_at'],
      ...['created_at', 'updated_at'],
    ],
    rows: payments.map((one) => [
      ...[one.id, one.senderId, one.recipientId, one.amount, one.currency, one.status, one.type],
      ...[one.description, one.metadata, one.pspId, one.pspStatus, one.failureReason],
      one.completedMs === null ? null : timeText(one.completedMs),
      ...[timeText(one.createdMs), timeText(one.updatedMs)],
    ]),
  },
  {
    table: 'payment_transactions',
    columns: ['id', 'payment_id', 'status', 'status_message', 'psp_transaction_id', 'created_at'],
    rows: payments.flatMap(({ id, pspId, transactions }) =>
      transactions.map(({ status, message, atMs }) => [
        ...[uuidOf(random), id, status, message, status === 'completed' ? pspId : null, timeText(atMs)],
      ]),
    ),
  },
];
