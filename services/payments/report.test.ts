import type { Caller } from '../../broker/calls/envelope.ts';
import { newId } from '../../broker/process/ids.ts';
import { payments, type PaymentStatus } from '../../shared/contracts/payments.ts';
import type { Sum } from '../../shared/contracts/payments/reports.ts';
import type { ParamsOf } from '../../shared/contracts/contract.ts';
import { reportJobs } from './jobs/report-totals.ts';
import type { PaymentsService } from './payments.ts';
import { addToTotals, clearTotals, countTotals } from './persistence/report-totals.ts';
import { startPayments, type PaymentsApp } from './testing/start-payments.ts';

const COUNT = 600;
const STATUSES = ['completed', 'completed', 'failed', 'cancelled', 'pending', 'processing'] as const;
const CURRENCIES = ['EUR', 'EUR', 'JPY', 'KWD'] as const;
/** Over the end of summer time in New York. */
const START_MS = Date.parse('2026-10-20T00:00:00Z');
const STEP_MS = 41 * 60_000;

type Known = { at: Date; payee: Caller; status: PaymentStatus; currency: string; amountMinor: number };
type Filters = ParamsOf<typeof payments.actions.report>;

let app: PaymentsApp;
let service: PaymentsService;
let [shop, bakery, administrator]: Caller[] = [];
let known: (Known & { id: string })[] = [];

beforeAll(async () => {
  app = await startPayments({ PAYMENTS_DRIVER_SLOTS: '0' });
  service = app.service('payments') as PaymentsService;
  shop = await app.user('VENDOR', 'shop@example.com');
  bakery = await app.user('VENDOR', 'bakery@example.com');
  administrator = { ...(await app.user('CUSTOMER', 'ada@example.com')), role: 'ADMIN' };
  for (const email of ['shop@example.com', 'bakery@example.com']) {
    await app.pay({ payee: { email } }, email);
  }
  for (let index = 0; index < COUNT; index++) {
    const at = new Date(START_MS + index * STEP_MS);
    // Fields that do not depend on each other.
    const hash = Math.imul(index + 1, 2_654_435_761) >>> 0;
    const pick = <T>(from: readonly T[], shift: number) => from[(hash >>> shift) % from.length] as T;
    const one = {
      ...{ at, id: newId('payment', at.getTime()), amountMinor: 100 + ((index * 7919) % 900) },
      payee: pick([bakery, shop, shop], 4) as Caller,
      status: pick<PaymentStatus>(STATUSES, 12),
      currency: pick<string>(CURRENCIES, 20),
    };
    known.push(one);
    await service.db.query(
      `insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method,
         failure_code, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, 'pm_card_visa', $7, $8, $8)`,
      [
        ...[one.id, app.customer.userId, one.payee.userId, one.amountMinor, one.currency, one.status],
        ...[one.status === 'failed' ? ['card_declined', 'expired_card'][index % 2] : null, at],
      ],
    );
  }
});
afterAll(() => app?.stop());

/** Tests change payments and totals past the service: an event invalidates the reports that it has kept. */
const read = async (filters: Filters, as = administrator) => {
  const { userId } = as as Caller;
  const about = { payerId: userId, payeeId: userId, amountMinor: 1, currency: 'EUR', version: 1 } as const;
  const at = new Date(START_MS).toISOString();
  const event = { ...about, id: newId('payment', START_MS), status: 'cancelled', at } as const;
  await service.db.transaction((tx) => service.outbox.add(tx, payments.events.cancelled, event));
  return app.call(payments.actions.report, filters, { as: as as Caller });
};

const dayIn = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);

/** The same report from the payments themselves. */
const expected = (filters: Filters, payee?: Caller) => {
  const { timeZone = 'UTC', from, to } = filters;
  const sums = new Map<string, Sum>();
  for (const one of known) {
    const day = dayIn(one.at, timeZone);
    if (day < from || day >= to || (payee && one.payee !== payee)) continue;
    const key = `${day} ${one.currency} ${one.status}`;
    const before = sums.get(key) ?? { count: 0, amountMinor: 0 };
    sums.set(key, { count: before.count + 1, amountMinor: before.amountMinor + one.amountMinor });
  }
  return Object.fromEntries(sums);
};

const flat = ({ periods }: Awaited<ReturnType<typeof read>>) =>
  Object.fromEntries(
    periods.flatMap(({ day, sums }) =>
      sums.flatMap(({ currency, statuses }) =>
        Object.entries(statuses).map(([status, sum]) => [`${day} ${currency} ${status}`, sum] as const),
      ),
    ),
  );

const SPAN = { from: '2026-10-22', to: '2026-11-05' };
const ZONES = ['UTC', 'Asia/Kathmandu', 'America/New_York', 'Pacific/Chatham'];
const agrees = async () => {
  for (const timeZone of ZONES) {
    const filters = { ...SPAN, timeZone };
    expect(flat(await read(filters))).toEqual(expected(filters));
    expect(flat(await read(filters, shop))).toEqual(expected(filters, shop));
  }
};
const addUntil = (at: Date) => addToTotals(service.db, at);

describe('the sums of a report are those of its payments', () => {
  beforeEach(() => clearTotals(service.db));
  const last = () => known.at(-1)?.at as Date;

  it('before any are in the totals', agrees);

  it('with a part of them in the totals, and with all', async () => {
    await addUntil(new Date(START_MS + (COUNT / 2) * STEP_MS));
    await agrees();
    await addUntil(new Date(last().getTime() + 1));
    await agrees();
    const { added, payments: all } = await countTotals(service.db);
    expect([added, all]).toEqual([COUNT, COUNT]);
  });

  it('when a payment ends after it was passed over', async () => {
    await addUntil(new Date(last().getTime() + 1));
    const waiting = known.filter(({ status }) => status === 'pending').slice(0, 20);
    for (const one of waiting) {
      one.status = 'completed';
      await service.db.query(`update payments set status = 'completed' where id = $1`, [one.id]);
    }
    await agrees();
    await addUntil(new Date(last().getTime() + 1));
    await agrees();
  });

  it('when payments of the past are added later: the check makes the totals again', async () => {
    await addUntil(new Date(last().getTime() + 1));
    const at = new Date(START_MS + 3 * 24 * 3_600_000);
    const late = { ...(known[0] as Known), id: newId('payment', at.getTime()), at };
    known = [...known, { ...late, status: 'completed' }];
    await service.db.query(
      `insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method,
         created_at, updated_at) values ($1, $2, $3, $4, $5, 'completed', 'pm_card_visa', $6, $6)`,
      [late.id, app.customer.userId, late.payee.userId, late.amountMinor, late.currency, at],
    );
    const check = reportJobs.find(({ name }) => name === 'check-report-totals');
    await check?.run(service);
    await agrees();
    await addUntil(new Date(known.at(-2)!.at.getTime() + 1));
    await agrees();
    await check?.run(service);
    expect((await countTotals(service.db)).added).toBe(COUNT + 1);
  });
});

describe('a report', () => {
  it('has weeks from Monday and months, cut off at its first and last day', async () => {
    const weeks = await read({ from: '2026-10-22', to: '2026-11-04', group: 'week' });
    expect(weeks.periods.map(({ day }) => day)).toEqual(['2026-10-22', '2026-10-26', '2026-11-02']);
    expect(weeks).toMatchObject({ fromAt: '2026-10-22T00:00:00.000Z', toAt: '2026-11-04T00:00:00.000Z' });
    const months = await read({
      from: '2026-10-01',
      to: '2026-12-01',
      group: 'month',
      timeZone: 'Asia/Tokyo',
    });
    expect(months.periods.map(({ day }) => day)).toEqual(['2026-10-01', '2026-11-01']);
    expect(months.fromAt).toBe('2026-09-30T15:00:00.000Z');
    const days = await read({ from: '2026-10-01', to: '2026-12-01', timeZone: 'Asia/Tokyo' });
    expect(months.currencies).toEqual(days.currencies);
  });

  it('has rate and average of each currency, and reasons for administrators alone', async () => {
    const { currencies, failures } = await read(SPAN);
    expect(currencies.map(({ currency }) => currency)).toEqual(['EUR', 'JPY', 'KWD']);
    for (const { statuses, successRate, averageMinor } of currencies) {
      const [done, failed] = [statuses.completed as Sum, statuses.failed as Sum];
      expect(successRate).toBeCloseTo(done.count / (done.count + failed.count), 10);
      expect(averageMinor).toBe(Math.round(done.amountMinor / done.count));
    }
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['card_declined', 'expired_card']));
    const failed = currencies.reduce((count, { statuses }) => count + (statuses.failed?.count ?? 0), 0);
    expect(failures.reduce((count, one) => count + one.count, 0)).toBe(failed);
    const own = await read(SPAN, shop);
    expect(new Set(own.failures.map(({ code }) => code))).toEqual(new Set(['payment_failed']));
  });

  it('has a payment, and its end, as soon as their calls are answered', async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 24 * 3_600_000).toISOString().slice(0, 10);
    const filters = { from: inDays(-1), to: inDays(2), status: 'cancelled', group: 'month' } as const;
    const count = async () => {
      const all = await app.call(payments.actions.report, filters, { as: shop as Caller });
      return all.currencies.reduce((sum, { statuses }) => sum + (statuses.cancelled?.count ?? 0), 0);
    };
    const before = await count();
    for (let index = 1; index <= 3; index++) {
      const { id } = await app.pay({ payee: { email: 'shop@example.com' } }, `ends-${index}`);
      await app.call(payments.actions.cancel, { id }, { as: app.customer });
      expect(await count()).toBe(before + index);
    }
  });

  it('is narrowed by currency, status and, for administrators, payee', async () => {
    const narrowed = await read({ ...SPAN, currency: 'JPY', status: 'failed', payee: bakery!.userId });
    expect(narrowed.currencies).toMatchObject([{ currency: 'JPY', successRate: null }]);
    expect(Object.keys(narrowed.currencies[0]?.statuses ?? {})).toEqual(['failed']);
    const all = Object.entries(expected(SPAN, bakery)).filter(([key]) => key.endsWith('JPY failed'));
    expect(flat(narrowed)).toEqual(Object.fromEntries(all));
    await expect(read({ ...SPAN, payee: bakery!.userId }, shop)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('refuses what cannot be a report, naming the field', async () => {
    const refused: [Partial<Filters>, string][] = [
      [{ from: '2026-02-30' }, 'from'],
      [{ from: '2026-11-05', to: '2026-11-05' }, 'to'],
      [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
      [{ timeZone: '+05:45' }, 'timeZone'],
      [{ from: '2020-01-01' }, 'group'],
    ];
    for (const [filters, path] of refused) {
      await expect(read({ ...SPAN, ...filters })).rejects.toMatchObject({
        ...{ code: 'invalid_params', data: { errors: [{ path }] } },
      });
    }
  });
});

describe('a file of a report', () => {
  const lines = async (filters: Filters, as = administrator): Promise<string[]> => {
    let text = '';
    for (let cursor: string | undefined; ;) {
      const params = { ...filters, ...(cursor === undefined ? {} : { cursor }) };
      const part = await app.call(payments.actions.exportReport, params, { as: as as Caller });
      text += part.text;
      if (part.nextCursor === null) return text.trimEnd().split('\r\n');
      cursor = part.nextCursor;
    }
  };

  it('has the sums of the report in decimals, over all parts', async () => {
    const filters = { from: '2026-08-01', to: '2026-11-05', timeZone: 'Asia/Kathmandu' };
    const [head, ...rows] = await lines(filters, shop);
    expect(head).toBe('period,currency,status,payments,amount');
    const decimals = { EUR: 2, JPY: 0, KWD: 3 };
    const sums = rows.map((row) => {
      const [day, currency, status, count, amount] = row.split(',');
      const factor = 10 ** decimals[currency as keyof typeof decimals];
      const amountMinor = Math.round(Number(amount) * factor);
      return [`${day} ${currency} ${status}`, { count: Number(count), amountMinor }] as const;
    });
    expect(Object.fromEntries(sums)).toEqual(expected(filters, shop));
  });

  it('takes a cursor of the same report only', async () => {
    const filters = { from: '2026-08-01', to: '2026-11-05' };
    const as = administrator as Caller;
    const { nextCursor } = await app.call(payments.actions.exportReport, filters, { as });
    const other = { ...filters, currency: 'EUR' as const, cursor: String(nextCursor) };
    await expect(app.call(payments.actions.exportReport, other, { as })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });
});
