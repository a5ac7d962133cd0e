import { systemClock } from '../../broker/process/clock.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import type { PaymentId, SessionId } from '../../shared/contracts/ids.ts';
import type { PaymentsService } from './payments.ts';
import { clearTotals } from './persistence/report-totals.ts';
import { DRIVER_WORK } from './processor/driver.ts';

/** The local part of the payee's address at example.com. */
type Payee = 'vendor' | 'bakery' | 'books' | 'tokyo';

type DemoPayment = readonly [
  daysAgo: number,
  payee: Payee,
  amountMinor: number,
  currency: string,
  description: string,
  card?: string,
];

const VISA = 'pm_card_visa';
const PAYMENTS: readonly DemoPayment[] = [
  [168, 'vendor', 129_900, 'USD', 'Annual hosting plan'],
  [161, 'bakery', 4_250, 'EUR', 'Team lunch, May'],
  [154, 'books', 189_900, 'INR', 'Translation of the handbook'],
  [149, 'tokyo', 8_200, 'JPY', 'Stationery, Osaka office'],
  [147, 'vendor', 56_000, 'USD', 'Logo and letterhead'],
  [140, 'vendor', 1_250, 'EUR', 'Courier to Lyon'],
  [133, 'vendor', 24_999, 'USD', 'Microphone for the meeting service'],
  [131, 'vendor', 24_999, 'USD', 'Microphone for the meeting service, second try', 'pm_card_chargeDeclined'],
  [126, 'books', 75_000, 'INR', 'Event posters'],
  [119, 'tokyo', 12_480, 'JPY', 'Train tickets Kyoto–Tokyo'],
  [112, 'vendor', 9_900, 'EUR', 'Design review, two hours'],
  [105, 'vendor', 31_500, 'USD', 'Photography, autumn catalogue'],
  [98, 'books', 4_990, 'EUR', 'Fonts, desktop licence'],
  [97, 'books', 4_990, 'EUR', 'Fonts, web licence', 'pm_card_chargeDeclinedInsufficientFunds'],
  [91, 'vendor', 240_000, 'INR', 'Quarterly bookkeeping'],
  [84, 'books', 18_000, 'USD', 'Proofreading, 12 pages'],
  [77, 'tokyo', 6_600, 'JPY', 'Tea for the office'],
  [70, 'books', 15_750, 'EUR', 'Print run, 500 flyers'],
  [63, 'vendor', 99_900, 'USD', 'Security audit, first half'],
  [58, 'vendor', 99_900, 'USD', 'Security audit, second half'],
  [56, 'bakery', 3_200, 'EUR', 'Coffee beans, 4 kg'],
  [49, 'vendor', 45_000, 'INR', 'Cables and adapters'],
  [45, 'vendor', 7_995, 'USD', 'Domain renewals'],
  [42, 'tokyo', 22_000, 'JPY', 'Chair for the workshop'],
  [38, 'vendor', 64_500, 'EUR', 'Accessibility test with five people'],
  [33, 'vendor', 12_000, 'USD', 'Workshop facilitation', 'pm_card_chargeDeclinedExpiredCard'],
  [32, 'vendor', 12_000, 'USD', 'Workshop facilitation'],
  [28, 'bakery', 8_750, 'EUR', 'Catering, release day'],
  [24, 'books', 150_000, 'INR', 'Illustrations, set of six'],
  [21, 'vendor', 35_000, 'USD', 'Video captions'],
  [17, 'tokyo', 5_400, 'JPY', 'Postage to Sapporo'],
  [14, 'vendor', 27_300, 'EUR', 'Customer interviews, travel'],
  [10, 'vendor', 4_999, 'USD', 'Icon set'],
  [7, 'vendor', 60_000, 'INR', 'Office plants'],
  [5, 'vendor', 19_990, 'USD', 'Headphones'],
  [3, 'bakery', 2_450, 'EUR', 'Bread for Friday'],
  [2, 'tokyo', 11_000, 'JPY', 'Umbrellas, ten'],
  [1, 'vendor', 38_000, 'USD', 'Landing page copy'],
];
const DAY_MS = 86_400_000;
const LIMIT_MS = 10_000;

const settled = async (service: PaymentsService, id: PaymentId): Promise<void> => {
  const endMs = systemClock.nowMs() + LIMIT_MS;
  while (systemClock.nowMs() < endMs) {
    const [row] = await service.db.query<{ due: number }>(
      `select count(*)::int as due from processor_operations where payment_id = $1 and step <> 'done'`,
      [id],
    );
    if (row?.due === 0) return;
    service.db.wake(DRIVER_WORK);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`demo payment ${id} did not settle`);
};

/** Several months of payments from the demo customer to the demo vendors, each at its own time. */
export const demo = async (service: PaymentsService, at: (timeMs: number) => void): Promise<void> => {
  const nowMs = service.clock.nowMs();
  const { user: customer } = await service.call(auth.actions.findUser, { email: 'customer@example.com' });
  if (!customer) return;
  for (const [daysAgo, payee, amountMinor, currency, description, paymentMethod = VISA] of PAYMENTS) {
    // Office hours, and never twice the same minute.
    const dayMs = Math.floor(nowMs / DAY_MS - daysAgo) * DAY_MS;
    at(dayMs + 8 * 3_600_000 + ((daysAgo * 2_399) % 33_000) * 1_000);
    const { result } = await service.send(
      payments.actions.create,
      {
        payee: { email: `${payee}@example.com` },
        amountMinor,
        currency: currency as 'EUR',
        paymentMethod,
        description,
      },
      {
        caller: { userId: customer.id, role: customer.role, sessionId: 'ses_demo' as SessionId },
        requestId: `demo-${daysAgo}`,
        idempotencyKey: `demo-${daysAgo}`,
      },
    );
    await settled(service, result.id);
  }
  // They are older than what the totals may contain already.
  await clearTotals(service.db);
};
