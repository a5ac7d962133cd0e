import type { Random } from '../../seed/random.ts';
import { hexText } from './draw.ts';
import type { SamplePayment } from './payments.ts';

const DAY_MS = 86_400_000;
const at = (status: string, atMs: number) => ({ status, message: null, atMs });

type Change = (payment: SamplePayment, random: Random) => Partial<SamplePayment>;

const later = (payment: SamplePayment, byMs: number): Partial<SamplePayment> => ({
  createdMs: payment.createdMs + byMs,
  updatedMs: payment.updatedMs + byMs,
  completedMs: payment.completedMs === null ? null : payment.completedMs + byMs,
  transactions: payment.transactions.map((one) => ({ ...one, atMs: one.atMs + byMs })),
});

/** A payment that ended as `failed`, for this reason. */
const failed = ({ createdMs }: SamplePayment, failureReason: string | null): Partial<SamplePayment> => ({
  status: 'failed',
  failureReason,
  completedMs: null,
  transactions: [at('pending', createdMs), at('failed', createdMs + 900)],
});

/** What is unusual in some payments. */
export const IRREGULAR_PAYMENTS: readonly Change[] = [
  () => ({ currency: 'JPY', amount: '1250.50' }),
  () => ({ currency: 'KRW', amount: '9900.01' }),
  () => ({ currency: 'XBT' }),
  () => ({ currency: 'usd' }),
  () => ({ amount: '-25.00' }),
  () => ({ amount: '0.00' }),
  () => ({ currency: 'KWD', amount: '99999999.99' }),
  () => ({ currency: 'EUR', amount: '0.01' }),
  () => ({ recipientId: null }),
  ({ senderId }) => ({ recipientId: senderId }),
  (payment) => later(payment, 3_650 * DAY_MS),
  (payment) => later(payment, -60 * 365 * DAY_MS),
  () => ({ transactions: [] }),
  ({ createdMs }) => ({
    ...{ description: null, metadata: null, pspId: null, pspStatus: null, failureReason: null },
    ...{ recipientId: null, completedMs: null, updatedMs: createdMs, transactions: [] },
  }),
  () => ({ metadata: '{"order": 17, "lines": [{"sku": "A\\"1", "n": 2}], "gift": true}' }),
  () => ({ metadata: '["a", "list"]' }),
  () => ({ metadata: 'null' }),
  () => ({ description: `Long: ${'tea, '.repeat(150)}` }),
  () => ({ description: 'Card 4242 4242 4242 4242, please' }),
  () => ({ description: 'Tabs\tand\nlines, \\N, “quotes”, 漢字 and 🍵' }),
  (payment) => failed(payment, 'The bank of the customer did not answer in time.'),
  (payment) => failed(payment, null),
  ({ createdMs }) => ({ status: 'pending', completedMs: createdMs + 5_000, transactions: [] }),
  ({ createdMs }) => ({
    status: 'pending',
    completedMs: null,
    transactions: [
      at('pending', createdMs),
      at('completed', createdMs + 900),
      at('pending', createdMs + 1_800),
    ],
  }),
  ({ createdMs }) => ({
    status: 'completed',
    completedMs: createdMs - 5_000,
    transactions: [at('completed', createdMs - 5_000)],
  }),
  ({ createdMs }, random) => ({
    status: 'processing',
    completedMs: null,
    pspId: `pi_${hexText(random, 24)}`,
    pspStatus: 'requires_capture',
    transactions: [at('pending', createdMs), at('processing', createdMs + 400)],
  }),
];
