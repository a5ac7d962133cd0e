import type { Payment } from '../../shared/contracts/payments.ts';
import { change } from './change.ts';
import type { PaymentsService } from './payments.ts';
import { claimDue, putBack } from './persistence/claims.ts';
import type { PaymentRow } from './persistence/payments.ts';
import { startPayments, type PaymentsApp } from './testing/start-payments.ts';

let app: PaymentsApp;
let service: PaymentsService;
beforeAll(async () => {
  // Nobody drives them but the tests.
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

const note = { note: 'test' };

describe('a change of a payment', () => {
  it.each([
    ['claimed', claim],
    [
      'claimed and released',
      async (id: Payment['id']) =>
        putBack(service.db, await claim(id), { step: 'authorize', at: service.clock.now(), intentId: null }),
    ],
    ['moved', async (id: Payment['id']) => change(service, await read(id), 'authorized', note)],
  ])('writes nothing on a row that was %s since it was read', async (how, touch) => {
    const { id } = await app.pay({}, how.replaceAll(' ', '-'));
    const row = await read(id);
    await touch(id);
    const before = [await read(id), await written(id)];
    expect(await change(service, row, 'cancelled', note)).toBeNull();
    expect([await read(id), await written(id)]).toEqual(before);
  });

  it('keeps the claim of whoever goes on with the next step, and else ends it', async () => {
    const { id } = await app.pay({}, 'kept');
    const claimedUntil = new Date(service.clock.nowMs() + 60_000);
    const held = await change(service, await claim(id), 'authorized', { ...note, claimedUntil });
    expect(held).toMatchObject({
      status: 'processing',
      step: 'capture',
      claim: 'mine',
      attempts: 1,
      version: 2,
    });
    const done = await change(service, held!, 'captured', note);
    expect(done).toMatchObject({ status: 'completed', step: 'done', claim: null, attempts: 0, version: 3 });
    expect(await written(id)).toEqual({ history: 2, postings: 4 });
  });

  it('knows that the processor may hold something when the row was claimed before', async () => {
    const [asked, unasked] = [await app.pay({}, 'asked'), await app.pay({}, 'unasked')];
    const claimed = await claim(asked.id);
    expect(await change(service, claimed, 'cancelled', note)).toMatchObject({ step: 'void' });
    await service.db.query('update payments set claim = null, attempts = 0 where id = $1', [unasked.id]);
    expect(await change(service, await read(unasked.id), 'cancelled', note)).toMatchObject({ step: 'done' });
  });
});
