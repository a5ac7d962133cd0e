import { payments as contract } from '../../../shared/contracts/payments.ts';
import {
  aPayment,
  given,
  kindsOf,
  nobody,
  NOW_MS,
  rowsIn,
  transactionsText,
} from '../testing/source-rows.ts';
import { deletedUserId } from './deleted-user.ts';
import { payments } from './payments.ts';
import type { Mapped } from './table-mapping.ts';

const map = (over: Parameters<typeof aPayment>[0], context = given()) =>
  payments.map(aPayment(over), context);
const payment = (mapped: Mapped) => rowsIn(mapped, 'payments')[0] ?? {};
const history = (mapped: Mapped) => rowsIn(mapped, 'payment_history');

it('a payment gets its row, history, postings, charge and old id', () => {
  const mapped = map({ metadata: '{"order": "7"}' });
  const { id, payer_id: payer, payee_id: payee } = payment(mapped);
  expect(payment(mapped)).toEqual({
    ...{ id: expect.stringMatching(/^pay_[0-9a-f]{32}$/), kind: 'instant' },
    ...{ payer_id: expect.stringMatching(/^usr_/), payee_id: expect.stringMatching(/^usr_/) },
    ...{ amount_minor: 10_010, currency: 'USD', status: 'completed', payment_method: 'poc2' },
    ...{ description: 'Invoice 7', metadata: '{"order":"7"}', failure_code: null, version: 3 },
    ...{ created_at: '2026-04-01T08:00:00.000Z', updated_at: '2026-04-01T08:00:03.000Z' },
  });
  expect(payer).not.toBe(payee);
  expect(history(mapped)).toEqual([
    { payment_id: id, version: 2, status: 'processing', reason: null, at: '2026-04-01T08:00:01.000Z' },
    { payment_id: id, version: 3, status: 'completed', reason: null, at: '2026-04-01T08:00:03.000Z' },
  ]);
  const lines = rowsIn(mapped, 'postings').map((row) => [
    row['movement'],
    row['account'],
    row['owner_id'],
    row['amount_minor'],
  ]);
  expect(lines).toEqual([
    ['opened', 'processor_clearing', null, 10_010],
    ['opened', 'payee_pending', payee, -10_010],
    ['completed', 'payee_pending', payee, 10_010],
    ['completed', 'payee_available', payee, -10_010],
  ]);
  expect(rowsIn(mapped, 'processor_operations')).toEqual([
    expect.objectContaining({ id: `${String(id)}:charge`, step: 'done', next_attempt_at: null }),
  ]);
  expect(rowsIn(mapped, 'poc2_ids')).toEqual([{ old_id: aPayment().id, new_id: id }]);
  expect(rowsIn(mapped, 'published_events')).toEqual([]);
  expect(mapped.irregularities).toEqual([]);
});

it('a time in the future is named once', () => {
  const later = '2027-01-01T00:00:00.000Z';
  expect(kindsOf(map({ completed_at: later }))).toEqual(['time_in_future refused']);
  expect(kindsOf(map({ created_at: later, completed_at: later }))).toEqual([
    'time_in_future refused',
    'history_order mapped',
  ]);
});

it.each([
  ['currency_unknown', { currency: 'XBT' }],
  ['currency_unknown', { currency: null }],
  ['amount_fraction', { currency: 'JPY', amount: '12.50' }],
  ['amount_not_a_number', { amount: 'NaN' }],
  ['amount_negative', { amount: '-1.00' }],
  ['amount_zero', { amount: '0.00' }],
  ['sender_missing', nobody('sender')],
  ['recipient_missing', nobody('recipient')],
  ['user_refused', { recipient_email: 'nonsense' }],
  ['to_oneself', { recipient_id: aPayment().sender_id }],
  ['time_unusable', { created_at: null }],
  ['status_unknown', { status: 'refunded' }],
  ['type_unknown', { type: 'later' }],
  ['description_long', { description: '🍵'.repeat(501) }],
])('a payment is refused: %s', (kind, over) => {
  const mapped = map(over);
  expect(kindsOf(mapped)).toContain(`${kind} refused`);
  expect(mapped.rows).toEqual([]);
});

it('a row with every kind of trouble names each of them', () => {
  const mapped = map({ currency: 'XBT', status: 'pending', created_at: null, ...nobody('recipient') });
  expect(kindsOf(mapped)).toEqual([
    'time_unusable refused',
    'currency_unknown refused',
    'recipient_missing refused',
    'open refused',
  ]);
});

it.each([
  ['fractions', { fractions: 'round' }, { currency: 'JPY', amount: '12.50' }, { amount_minor: 13 }],
  ['a currency', { currencies: { XBT: 'EUR' } }, { currency: 'XBT' }, { currency: 'EUR' }],
  ['spelling', {}, { currency: ' usd' }, { currency: 'USD' }],
  ['long texts', { long: 'cut' }, { description: '🍵'.repeat(501) }, { description: '🍵'.repeat(500) }],
  ['card numbers', {}, { description: 'Card 4242 4242 4242 4242' }, { description: '[removed]' }],
  [
    'metadata',
    {},
    { metadata: '{"n": 1, "o": {"p": [true]}}' },
    { metadata: '{"n":"1","o":"{\\"p\\":[true]}"}' },
  ],
  [
    'numbers as they are written',
    {},
    { metadata: '{"n": 12345678901234567890, "o": {"p": [10.10, 1.0]}}' },
    { metadata: '{"n":"12345678901234567890","o":"{\\"p\\":[10.10,1.0]}"}' },
  ],
  ['metadata that is a list', {}, { metadata: '[1]' }, { metadata: '{"value":"[1]"}' }],
  ['metadata that is null', {}, { metadata: 'null' }, { metadata: '{}' }],
] as const)('%s are mapped', (_, options, over, expected) => {
  expect(payment(map(over, given(options)))).toMatchObject(expected);
});

it('a negative amount exchanges payer and payee, when the owner wants that', () => {
  const plain = payment(map({}));
  const swapped = payment(map({ amount: '-100.10' }, given({ negative: 'swap' })));
  expect(swapped).toMatchObject({
    ...{ payer_id: plain['payee_id'], payee_id: plain['payer_id'], amount_minor: 10_010 },
  });
});

it('a payment without recipient goes to a closed account, when the owner wants that', () => {
  const mapped = map(nobody('recipient'), given({ noRecipient: 'deleted-user' }));
  expect(payment(mapped)['payee_id']).toBe(deletedUserId());
});

describe('an open payment', () => {
  const open = { status: 'processing', completed_at: null, transactions: null };

  it('is refused until the owner has chosen', () => {
    expect(kindsOf(map(open))).toContain('open refused');
  });

  it('is cancelled now, with postings that give all back', () => {
    const mapped = map(open, given({ open: 'cancel' }));
    const now = new Date(NOW_MS).toISOString();
    expect(payment(mapped)).toMatchObject({ status: 'cancelled', version: 3, updated_at: now });
    expect(history(mapped).map(({ status, at }) => [status, at])).toEqual([
      ['processing', '2026-04-01T08:00:03.000Z'],
      ['cancelled', now],
    ]);
    const sums = new Map<unknown, number>();
    for (const { account, amount_minor: minor } of rowsIn(mapped, 'postings'))
      sums.set(account, (sums.get(account) ?? 0) + Number(minor));
    expect([...sums.values()]).toEqual([0, 0]);
    expect(rowsIn(mapped, 'processor_operations')).toEqual([
      expect.objectContaining({ kind: 'charge', step: 'done', next_attempt_at: null }),
    ]);
    expect(rowsIn(mapped, 'published_events')).toEqual([
      expect.objectContaining({ event: 'payments.cancelled', occurred_at: now, published_at: now }),
    ]);
  });

  it('is cancelled, and what the processor holds for it is given back', () => {
    const ids = { psp_transaction_id: 'pi_2', psp_ids: 'pi_1\npi_2' };
    const mapped = map({ ...open, ...ids }, given({ open: 'cancel' }));
    const id = String(payment(mapped)['id']);
    const reverse = { step: 'reverse', next_attempt_at: new Date(NOW_MS).toISOString() };
    expect(rowsIn(mapped, 'processor_operations')).toEqual([
      expect.objectContaining({ id: `${id}:charge`, step: 'done', intent_id: 'pi_2' }),
      expect.objectContaining({ id: `${id}:reversal`, ...reverse, intent_id: null }),
      expect.objectContaining({ id: `${id}:reversal:pi_1`, ...reverse, intent_id: 'pi_1' }),
    ]);
  });

  it.each([
    ['open_unreachable', 'cancel', { psp_transaction_id: 'psp_1' }],
    ['open_unreachable', 'cancel', { psp_ids: 'psp_1' }],
    ['open_shared', 'cancel', { psp_transaction_id: 'pi_shared' }],
    ['open_shared', 'keep', { psp_ids: 'pi_shared' }],
    ['open_ambiguous', 'keep', { psp_transaction_id: 'pi_1', psp_ids: 'pi_2' }],
  ] as const)('is refused: %s with --open %s', (kind, choice, over) => {
    expect(kindsOf(map({ ...open, ...over }, given({ open: choice })))).toContain(`${kind} refused`);
  });

  it('stays open with the PaymentIntent of the processor', () => {
    const mapped = map({ ...open, psp_transaction_id: 'pi_123' }, given({ open: 'keep' }));
    expect(payment(mapped)).toMatchObject({ status: 'processing', version: 2 });
    expect(rowsIn(mapped, 'processor_operations')).toEqual([
      expect.objectContaining({
        step: 'capture',
        intent_id: 'pi_123',
        next_attempt_at: new Date(NOW_MS).toISOString(),
      }),
    ]);
    expect(rowsIn(mapped, 'postings')).toHaveLength(2);
  });

  it.each([
    ['open_unknown', { psp_transaction_id: null }],
    ['open_unreachable', { psp_transaction_id: 'psp_1' }],
    ['open_not_chargeable', { psp_transaction_id: 'pi_1', amount: '99999999.99' }],
  ])('is refused where it cannot continue: %s', (kind, over) => {
    expect(kindsOf(map({ ...open, ...over }, given({ open: 'keep' })))).toContain(`${kind} refused`);
  });
});

describe('the timeline', () => {
  const at = (second: number) => `2026-04-01T08:00:0${second}.000Z`;
  const of = (status: string, ...transactions: [string, string][]) =>
    map({
      status,
      completed_at: null,
      updated_at: at(9),
      transactions: transactions.length === 0 ? null : transactionsText(...transactions),
    });
  const steps = (mapped: Mapped) => history(mapped).map(({ status, at: time }) => [status, time]);

  it('is made of the payment’s own times without transactions', () => {
    expect(steps(of('failed'))).toEqual([['failed', at(9)]]);
    expect(kindsOf(of('failed'))).toEqual(['history_missing mapped']);
  });

  it('has each status once, and none that the payment does not have', () => {
    const mapped = of(
      'failed',
      ['pending', at(0)],
      ['completed', at(1)],
      ['failed', at(2)],
      ['failed', at(3)],
    );
    expect(steps(mapped)).toEqual([['failed', at(2)]]);
    expect(kindsOf(mapped)).toEqual(['history_inconsistent mapped']);
  });

  it('never goes back in time', () => {
    const mapped = of('failed', ['processing', at(5)], ['failed', at(2)]);
    expect(steps(mapped)).toEqual([
      ['processing', at(5)],
      ['failed', at(5)],
    ]);
    expect(kindsOf(mapped)).toEqual(['history_order mapped']);
  });

  it('has the status of the payment also where no transaction has it', () => {
    const mapped = of('cancelled', ['pending', at(0)]);
    expect(steps(mapped)).toEqual([['cancelled', at(9)]]);
    expect(kindsOf(mapped)).toEqual(['history_incomplete mapped']);
  });
});

it.each([
  ['card_declined', 'card_declined', '{}'],
  ['Insufficient funds', 'insufficient_funds', '{}'],
  [null, 'payment_failed', '{}'],
  [
    'The bank did not answer in time.',
    'payment_failed',
    '{"poc2_failure_reason":"The bank did not answer in time."}',
  ],
])('the reason of a failure is a code: %s', (reason, code, metadata) => {
  const mapped = map({ status: 'failed', failure_reason: reason, completed_at: null, transactions: null });
  expect(payment(mapped)).toMatchObject({ failure_code: code, metadata });
  expect(history(mapped).at(-1)).toMatchObject({ status: 'failed', reason: code });
});

it('the events of the last days are there as published ones, by the contract', () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const createdMs = NOW_MS - 7 * 86_400_000 - 1;
  const mapped = map({
    ...{ created_at: at(createdMs), updated_at: at(NOW_MS), completed_at: at(NOW_MS) },
    transactions: transactionsText(['processing', at(createdMs + 1)]),
  });
  const events = rowsIn(mapped, 'published_events');
  expect(events.map(({ event }) => event)).toEqual(['payments.processing', 'payments.completed']);
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
  for (const { payload } of events) contract.events.completed.payload.parse(JSON.parse(String(payload)));
});
