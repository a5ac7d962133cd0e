import type { Payment } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { startPayments, type PaymentsApp } from '../testing/start-payments.ts';
import { claimDue, releaseClaim } from './claims.ts';
import type { PaymentRow } from './payments.ts';
import { saveTransition } from './save-transition.ts';

let app: PaymentsApp;
let service: PaymentsService;
beforeAll(async () => {
  // Without a driver: only the tests move payments.
  app = await startPayments({ PAYMENTS_DRIVER_SLOTS: '0' });
  service = app.service('payments') as PaymentsService;
});
afterAll(() => app.stop());

const read = async (id: Payment['id']): Promise<PaymentRow> =>
  (await service.db.query<PaymentRow>('select * from payments where id = $1', [id]))[0]!;

const written = async (id: Payment['id']) => {
  const [row] = await service.db.query<{ history: number; postings: number }>(
    `select (select count(*)::int from payment_history where payment_id = $1) as history,
       (select count(*)::int from postings where payment_id = $1) as postings`,
    [id],
  );
  return row;
};

const claim = async (id: Payment['id']): Promise<PaymentRow> => {
  const due = { token: 'mine', now: service.clock.now(), leaseMs: 60_000, limit: 100 };
  return (await claimDue(service.db, due)).find((row) => row.id === id)!;
};

describe('a transition of a payment', () => {
  it.each([
    ['claimed', claim],
    [
      'claimed and released',
      async (id: Payment['id']) =>
        releaseClaim(service.db, await claim(id), {
          step: 'authorize',
          at: service.clock.now(),
          intentId: null,
        }),
    ],
    ['moved', async (id: Payment['id']) => saveTransition(service, service.db, await read(id), 'authorized')],
  ])('writes nothing on a row that was %s since it was read', async (how, touch) => {
    const { id } = await app.pay({}, how.replaceAll(' ', '-'));
    const row = await read(id);
    await touch(id);
    const before = [await read(id), await written(id)];
    expect(await saveTransition(service, service.db, row, 'cancelled')).toBeNull();
    expect([await read(id), await written(id)]).toEqual(before);
  });

  it('keeps the claim for a driver that continues with the next step, and otherwise ends it', async () => {
    const { id } = await app.pay({}, 'kept');
    const claimedUntil = new Date(service.clock.nowMs() + 60_000);
    const held = await saveTransition(service, service.db, await claim(id), 'authorized', { claimedUntil });
    expect(held).toMatchObject({
      status: 'processing',
      step: 'capture',
      claim: 'mine',
      attempts: 1,
      version: 2,
    });
    const done = await saveTransition(service, service.db, held!, 'captured');
    expect(done).toMatchObject({ status: 'completed', step: 'done', claim: null, attempts: 0, version: 3 });
    expect(await written(id)).toEqual({ history: 2, postings: 4 });
  });

  it('leads to a void when the row was claimed before: the processor may hold something', async () => {
    const [asked, unasked] = [await app.pay({}, 'asked'), await app.pay({}, 'unasked')];
    const claimed = await claim(asked.id);
    expect(await saveTransition(service, service.db, claimed, 'cancelled')).toMatchObject({ step: 'void' });
    await service.db.query('update payments set claim = null, attempts = 0 where id = $1', [unasked.id]);
    expect(await saveTransition(service, service.db, await read(unasked.id), 'cancelled')).toMatchObject({
      step: 'done',
    });
  });
});
