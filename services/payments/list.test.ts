import { register } from 'prom-client';
import type { Caller } from '../../broker/calls/envelope.ts';
import { newId } from '../../broker/process/ids.ts';
import {
  PAYMENT_SORTS,
  payments,
  type Payment,
  type PaymentListParams,
} from '../../shared/contracts/payments.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { PASSWORD, startPayments, type PaymentsApp } from './testing/start-payments.ts';

const COUNT = 60;
const STATUSES = ['completed', 'failed', 'cancelled', 'pending'] as const;
const START_MS = Date.parse('2026-03-01T00:00:00Z');
const HOUR_MS = 3_600_000;

let app: PaymentsApp;
let ada: Caller;
let all: Payment[];

const read = async (filters: PaymentListParams, as: Caller = ada) =>
  app.call(payments.actions.list, filters, { as });

/** All pages of a list. */
const readAll = async (filters: PaymentListParams): Promise<Payment[]> => {
  const items: Payment[] = [];
  let cursor: string | undefined;
  do {
    const page = await read({ limit: 7, ...filters, cursor });
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return items;
};

beforeAll(async () => {
  app = await startPayments({ PAYMENTS_DRIVER_SLOTS: '0' });
  ada = await app.user('VENDOR', 'ada@example.com');
  const shop = await app.user('VENDOR', 'flower-shop@example.com');
  // One real payment each way creates both parties; the others are inserted, an hour apart.
  await app.pay({ payee: { email: 'flower-shop@example.com' } }, 'first', ada);
  await app.pay({ payee: { email: 'ada@example.com' } }, 'second', shop);
  const { db } = app.service('payments');
  for (let index = 0; index < COUNT; index++) {
    const sent = index % 3 !== 0;
    const at = new Date(START_MS + index * HOUR_MS);
    const [payer, payee] = sent ? [ada, shop] : [shop, ada];
    await db.query(
      `insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method,
         description, created_at, updated_at)
       values ($1, $2, $3, $4, $5, $6, 'pm_card_visa', $7, $8, $8)`,
      [
        newId('payment', at.getTime()),
        payer.userId,
        payee.userId,
        ((index * 37) % 10) * 100 + 100,
        index % 5 === 0 ? 'JPY' : 'EUR',
        STATUSES[index % STATUSES.length],
        index % 10 === 0 ? `100% Tulips_${index}` : `Order ${index}`,
        at,
      ],
    );
  }
  all = await readAll({});
});
afterAll(() => app.stop());

const idsOf = (list: Payment[]) => list.map((payment) => payment.id);
const sortedBy: Record<string, (a: Payment, b: Payment) => number> = {
  createdAt: (a, b) => (a.id < b.id ? -1 : 1),
  amount: (a, b) => a.amountMinor - b.amountMinor || (a.id < b.id ? -1 : 1),
  status: (a, b) => (a.status === b.status ? (a.id < b.id ? -1 : 1) : a.status < b.status ? -1 : 1),
};

describe('a list', () => {
  it('shows each payment that was sent or received once, the newest first', () => {
    expect(all).toHaveLength(COUNT + 2);
    expect(new Set(idsOf(all)).size).toBe(COUNT + 2);
    expect(idsOf(all)).toEqual(idsOf(all).toSorted().toReversed());
  });

  it.each(PAYMENT_SORTS)('sorted by %s is in that order over all pages', async (sort) => {
    const compare = sortedBy[sort.replace('-', '')]!;
    const expected = all.toSorted((a, b) => (sort.startsWith('-') ? -compare(a, b) : compare(a, b)));
    expect(idsOf(await readAll({ sort }))).toEqual(idsOf(expected));
  });

  it.each<[string, PaymentListParams, (payment: Payment) => boolean]>([
    ['direction sent', { direction: 'sent' }, (p) => p.payer.email === 'ada@example.com'],
    ['direction received', { direction: 'received' }, (p) => p.payee.email === 'ada@example.com'],
    ['status', { status: 'failed' }, (p) => p.status === 'failed'],
    ['currency', { currency: 'JPY' }, (p) => p.currency === 'JPY'],
    ['from', { from: '2026-03-02' }, (p) => p.createdAt >= '2026-03-02'],
    ['to', { to: '2026-03-02T12:00:00Z' }, (p) => p.createdAt < '2026-03-02T12'],
    ['amounts', { amountMin: 300, amountMax: 500 }, (p) => p.amountMinor >= 300 && p.amountMinor <= 500],
    ['description', { q: 'tulips' }, (p) => /Tulips/.test(p.description ?? '')],
    ['signs that mean something to LIKE', { q: '0% tulips_1' }, (p) => /Tulips_1/.test(p.description ?? '')],
    ['counterparty', { q: 'flower-shop' }, () => true],
    ['one’s own name, which is no counterparty', { q: 'ada@example' }, () => false],
    ['nothing', { q: 'no such words' }, () => false],
    [
      'several at once',
      { direction: 'sent', currency: 'EUR', status: 'completed', amountMin: 200, sort: 'amount' },
      (p) =>
        p.payer.email === 'ada@example.com' &&
        p.currency === 'EUR' &&
        p.status === 'completed' &&
        p.amountMinor >= 200,
    ],
  ])('filtered by %s holds what fits and nothing else', async (_what, filters, fits) => {
    const found = idsOf(await readAll(filters)).toSorted();
    expect(found).toEqual(idsOf(all.filter(fits)).toSorted());
  });

  it('is read by the number of a page, in the same order and with its length', async () => {
    const { listPage } = payments.actions;
    const filters = { sort: 'amount', currency: 'EUR' } as const;
    const expected = await readAll(filters);
    const found: Payment[] = [];
    for (let pageNumber = 1; found.length < expected.length; pageNumber++) {
      const page = await app.call(listPage, { ...filters, pageNumber, limit: 7 }, { as: ada });
      expect(page).toMatchObject({ total: expected.length, more: false });
      found.push(...page.items);
    }
    expect(found).toEqual(expected);
    const beyond = await app.call(listPage, { pageNumber: 9, limit: 100 }, { as: ada });
    expect(beyond).toEqual({ items: [], total: COUNT + 2, more: false });
    const stranger = await app.user('CUSTOMER', 'numbers@example.com');
    expect(await app.call(listPage, {}, { as: stranger })).toEqual({ items: [], total: 0, more: false });
    await expect(app.call(listPage, { pageNumber: 101, limit: 100 }, { as: ada })).rejects.toMatchObject({
      data: { errors: [{ path: 'pageNumber', message: expect.stringContaining('10000') }] },
    });
  });

  it.each([
    ['İstanbul Çiçekçisi', 'İstanbul'],
    ['İstanbul Çiçekçisi', 'istanbul çiçek'],
    ['ΟΔΟΣ ΑΘΗΝΑΣ', 'ΟΔΟΣ ΑΘΗΝΑΣ'],
    ['Οδός Αθηνάς', 'οδός αθηνάς'],
    ['Weiße Straße', 'WEIẞE STRAẞE'],
    ['Weiße Straße', 'weisse STRASSE'],
    ['Νίκος', 'ΝΊΚΟΣ'],
    ['ΝΊΚΟΣ', 'Νίκος'],
    ['Iğdır', 'IĞDIR'],
    ['IĞDIR', 'ığdır'],
    ['Jose\u0301 Müller', 'jos\u00e9 MÜLLER'],
    ['100% \\ _x', '0% \\ _X'],
  ])('finds a description and a name %j by %j', async (written, q) => {
    const as = await app.user('CUSTOMER', `finder-${newId('user', 0)}@example.com`);
    const vendor = await app.call(
      auth.actions.createUser,
      { email: `${newId('user', 0)}@bücher.example`, password: PASSWORD, name: written, role: 'VENDOR' },
      { from: 'test' },
    );
    const body = { payee: { id: vendor.id }, description: 'Flowers' };
    const [named, described] = [
      await app.pay(body, 'named', as),
      await app.pay(
        { ...body, payee: { email: 'flower-shop@example.com' }, description: written },
        'described',
        as,
      ),
    ];
    expect(idsOf((await read({ q }, as)).items)).toEqual([described.id, named.id]);
    const payees = await app.call(payments.actions.payees, { q }, { as });
    expect(payees.items).toContainEqual({ id: vendor.id, name: vendor.name, email: vendor.email });
  });

  it.each([
    ['one@bücher.example', '@bücher.example'],
    ['two@bücher.example', 'TWO@BÜCHER'],
    ['part@bücher.example', 'RT@BÜCH'],
    ['greek@οδός.example', 'ΟΔΌΣ.EX'],
    ['sharp@straße.example', 'strasse.ex'],
    ['three@bücher.example', 'e@xn--bcher-kva.ex'],
  ])('finds the address %s by %s', async (email, q) => {
    const as = await app.user('CUSTOMER', `finder-${newId('user', 0)}@example.com`);
    const { userId } = await app.user('VENDOR', email);
    const payment = await app.pay({ payee: { email } }, 'idn', as);
    expect(payment.payee.id).toBe(userId);
    expect(idsOf((await read({ q }, as)).items)).toEqual([payment.id]);
    const { items } = await app.call(payments.actions.payees, { q }, { as });
    expect(items.map(({ id }) => id)).toContain(userId);
  });

  it('finds a payment by its id', async () => {
    const wanted = all[17]!;
    expect(idsOf(await readAll({ q: wanted.id }))).toEqual([wanted.id]);
  });

  it('shows a stranger nothing', async () => {
    const stranger = await app.user('CUSTOMER', 'nobody@example.com');
    expect(await read({}, stranger)).toEqual({ items: [], nextCursor: null });
  });

  it('keeps its position when payments are created meanwhile', async () => {
    const first = await read({ limit: 5 });
    await app.pay({ payee: { email: 'flower-shop@example.com' } }, 'meanwhile', ada);
    const second = await read({ limit: 5, cursor: first.nextCursor ?? '' });
    expect(idsOf([...first.items, ...second.items])).toEqual(idsOf(all.slice(0, 10)));
  });

  it('leaves out rows that are damaged, and counts them', async () => {
    const as = await app.user('CUSTOMER', `damaged-${newId('user', 0)}@example.com`);
    const ids: string[] = [];
    for (const name of ['good', 'shape', 'time', 'also-good']) ids.push((await app.pay({}, name, as)).id);
    const { db } = app.service('payments');
    await db.query(`update payments set metadata = '{"a":{"b":5}}' where id = $1`, [ids[1]]);
    await db.query("update payments set created_at = 'infinity' where id = $1", [ids[2]]);
    expect(idsOf((await read({}, as)).items)).toEqual([ids[3], ids[0]]);
    expect(await register.getSingleMetricAsString('payloom_rows_unreadable_total')).toContain(
      '{action="payments.list"} 2',
    );
    const paged = await read({ limit: 2 }, as);
    expect(idsOf(paged.items)).toEqual([ids[3]]);
    expect(idsOf((await read({ limit: 2, cursor: paged.nextCursor ?? '' }, as)).items)).toEqual([ids[0]]);
  });

  it('refuses an unknown status with those that there are', async () => {
    await expect(read({ status: 'lost' } as never)).rejects.toMatchObject({
      code: 'invalid_params',
      data: {
        errors: [
          { path: 'status', message: 'must be one of pending, processing, completed, failed, cancelled' },
        ],
      },
    });
  });

  it('refuses a cursor that is malformed, forged, or of a list with other filters', async () => {
    const { nextCursor } = await read({ limit: 5, sort: 'amount' });
    const forged = Buffer.from(JSON.stringify(['x', 'y', 'z'])).toString('base64url');
    const cases: PaymentListParams[] = [
      { cursor: 'not a cursor' },
      { cursor: forged },
      { cursor: nextCursor ?? '', sort: '-amount' },
      { cursor: nextCursor ?? '', sort: 'amount', status: 'failed' },
    ];
    for (const filters of cases)
      await expect(read(filters)).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it.each([
    ['-createdAt', '\0'],
    ['status', '\0'],
    ['status', 'a status of no payment'],
    ['-amount', '1e3'],
    ['-amount', '-1'],
  ] as const)('refuses a cursor of a list by %s with the value %j', async (sort, value) => {
    const { nextCursor } = await read({ limit: 5, sort });
    const [print, , id] = JSON.parse(Buffer.from(nextCursor ?? '', 'base64url').toString()) as string[];
    const cursor = Buffer.from(JSON.stringify([print, value, id])).toString('base64url');
    await expect(read({ cursor, sort })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });

  it.each<[string, object]>([
    ['limit', { limit: 101 }],
    ['limit', { limit: '0' }],
    ['sort', { sort: 'name' }],
    ['from', { from: 'yesterday' }],
    ['to', { to: '2026-02-30' }],
    ['to', { to: '2026-11-23T24:00Z' }],
    ['status', { status: 'done' }],
    ['q', { q: 'ab' }],
    ['colour', { colour: 'red' }],
  ])('refuses a bad %s', async (path, filters) => {
    await expect(read(filters as PaymentListParams)).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path }] },
    });
  });
});
