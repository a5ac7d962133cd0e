import { storeInQueue } from '../../broker/events/in-process-hub.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { newId } from '../../broker/process/ids.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import type { SettingKey, SettingValue } from '../../shared/contracts/admin/settings.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { startPayments, type PaymentsApp } from './testing/start-payments.ts';

let app: PaymentsApp;
// Without the service admin: what it said last is obeyed.
beforeAll(async () => {
  app = await startPayments();
});
beforeEach(() => app.service('payments').db.query('delete from settings'));
afterAll(() => app?.stop());

const by = newId('user', 1);
let version = 0;
/** Delivers a change as admin publishes it. */
const deliver = async (key: SettingKey, value: SettingValue, at = ++version): Promise<void> => {
  const { db } = app.service('payments');
  const { name: event, version: schema } = admin.events.settingChanged;
  const about = { previousValue: value, by, reason: 'Incident', approvalId: null };
  const payload = { key, value, version: at, ...about, at: new Date().toISOString() };
  const id = newId('event', Date.now());
  const given = { requestId: null, origin: null, occurredAtMs: Date.now() };
  await storeInQueue(db, systemClock, [
    { id, event, version: schema, payload: JSON.stringify(payload), ...given },
  ]);
  await eventually(async () => expect(await db.query('select cause from event_queue')).toEqual([]));
};
let keys = 0;
const pay = (body = {}, key = `settings-${++keys}`) => app.pay(body, key);
const STOPPED = { code: 'payments_stopped', data: { retryAfterS: 60 } };

it('a stop refuses new payments and nothing else, also while admin does not run', async () => {
  const before = await pay({ paymentMethod: 'pm_card_visa' }, 'before');
  const slow = await pay({ paymentMethod: 'pm_card_visa' }, 'slow');
  await deliver('paymentsStopped', true);
  await expect(pay()).rejects.toMatchObject(STOPPED);
  // The answer of a key stays its answer.
  const params = {
    ...{ payee: { email: 'vendor@example.com' }, amountMinor: 1_234, currency: 'EUR' as const },
    paymentMethod: 'pm_card_visa',
  };
  const again = await app.send(payments.actions.create, params, {
    as: app.customer,
    idempotencyKey: 'before',
  });
  expect(again).toMatchObject({ result: before, replayed: true });
  await app.reaches(before.id, 'completed');
  await app.reaches(slow.id, 'completed');
});

it('a payment that was pending at the stop can be cancelled', async () => {
  const { id } = await pay({ paymentMethod: 'pm_card_pending' });
  await deliver('paymentsStopped', true);
  const cancelled = await app.call(payments.actions.cancel, { id }, { as: app.customer });
  expect(cancelled.status).toBe('cancelled');
});

it('a refused request does not use up its key', async () => {
  await deliver('paymentsStopped', true);
  await expect(pay({}, 'later')).rejects.toMatchObject(STOPPED);
  await deliver('paymentsStopped', false);
  expect(await pay({}, 'later')).toMatchObject({ status: 'pending' });
});

it('an amount over the limit is refused beside the amount, with the limit', async () => {
  await deliver('largestAmounts', { EUR: 1_000, JPY: 500 });
  const refused = (currency: string, amountMinor: number) => ({
    code: 'amount_over_limit',
    data: { errors: [{ path: 'amountMinor', code: 'amount_over_limit', limit: { amountMinor, currency } }] },
  });
  await expect(pay({ amountMinor: 1_001 })).rejects.toMatchObject(refused('EUR', 1_000));
  await expect(pay({ amountMinor: 501, currency: 'JPY' })).rejects.toMatchObject(refused('JPY', 500));
  expect(await pay({ amountMinor: 1_000 })).toMatchObject({ amountMinor: 1_000 });
  expect(await pay({ amountMinor: 1_001, currency: 'USD' })).toMatchObject({ amountMinor: 1_001 });
  await deliver('largestAmounts', {});
  expect(await pay({ amountMinor: 1_001 })).toMatchObject({ amountMinor: 1_001 });
});

it('an older event that arrives later changes nothing', async () => {
  version += 5;
  await deliver('paymentsStopped', true);
  await deliver('paymentsStopped', false, version - 3);
  await expect(pay()).rejects.toMatchObject(STOPPED);
});
