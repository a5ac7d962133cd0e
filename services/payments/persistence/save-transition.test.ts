import { createOutbox } from '../../../broker/events/outbox.ts';
import type { Payment } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { startPayments, type PaymentsApp } from '../testing/start-payments.ts';
import { claimDue, releaseClaim, type DueOperation } from './operations.ts';
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

const claim = async (id: Payment['id'], token = 'mine'): Promise<DueOperation> => {
  await service.db.query(
    `update processor_operations set next_attempt_at = now() - interval '1 second'
     where payment_id = $1 and step <> 'done'`,
    [id],
  );
  const due = { token, now: service.clock.now(), leaseMs: 60_000, limit: 100 };
  return (await claimDue(service.db, due)).find((row) => row.id === id)!;
};

const operationsOf = (id: Payment['id']) =>
  service.db.query<{ kind: string; step: string; claim: string | null; attempts: number }>(
    'select kind, step, claim, attempts from processor_operations where payment_id = $1 order by id',
    [id],
  );

const state = async (id: Payment['id']) => [await read(id), await written(id), await operationsOf(id)];

describe('a transition of a payment', () => {
  it('is known to the cache once it is committed, and never when it is rolled back', async () => {
    const known: string[] = [];
    const outbox = createOutbox(service.db, service.clock, (events) =>
      known.push(...events.map(({ event }) => event)),
    );
    const { id } = await app.pay({}, 'known');
    const row = await read(id);
    const cancel = (fails: boolean) =>
      service.db.transaction(async (tx) => {
        await saveTransition({ ...service, outbox }, tx, row, 'cancelled');
        expect(known).toEqual([]);
        if (fails) throw new Error('rolled back');
      });
    await expect(cancel(true)).rejects.toThrow('rolled back');
    expect(known).toEqual([]);
    await cancel(false);
    expect(known).toEqual(['payments.cancelled']);
    const { id: other } = await app.pay({}, 'known-without-transaction');
    await saveTransition({ ...service, outbox }, service.db, await read(other), 'authorized');
    expect(known).toEqual(['payments.cancelled', 'payments.processing']);
  });

  it.each<[string, (charge: DueOperation) => Promise<unknown>]>([
    ['claimed by another process', ({ id }) => claim(id, 'other')],
    [
      'released',
      (charge) => releaseClaim(service.db, charge, { step: 'authorize', at: service.clock.now() }),
    ],
    ['moved', (charge) => saveTransition(service, service.db, charge, 'authorized', { charge })],
  ])('writes nothing with a charge that was %s meanwhile', async (how, touch) => {
    const { id } = await app.pay({}, how.replaceAll(' ', '-'));
    const charge = await claim(id);
    await touch(charge);
    const before = await state(id);
    expect(await saveTransition(service, service.db, charge, 'declined', { charge })).toBeNull();
    expect(await state(id)).toEqual(before);
  });

  it('writes nothing on a payment that was moved since it was read', async () => {
    const { id } = await app.pay({}, 'moved-since');
    const row = await read(id);
    await saveTransition(service, service.db, row, 'authorized');
    const before = await state(id);
    expect(await saveTransition(service, service.db, row, 'cancelled')).toBeNull();
    expect(await state(id)).toEqual(before);
  });

  it('keeps the claim for a driver that continues with the next step, and otherwise ends it', async () => {
    const { id } = await app.pay({}, 'kept');
    const claimedUntil = new Date(service.clock.nowMs() + 60_000);
    const charge = await claim(id);
    const held = await saveTransition(service, service.db, charge, 'authorized', { charge, claimedUntil });
    expect(held).toMatchObject({
      status: 'processing',
      step: 'capture',
      claim: 'mine',
      attempts: 1,
      version: 2,
    });
    const done = await saveTransition(service, service.db, held!, 'captured', { charge: held! });
    expect(done).toMatchObject({ status: 'completed', step: 'done', claim: null, version: 3 });
    expect(await written(id)).toEqual({ history: 2, postings: 4 });
  });

  it('leads to a reversal when the charge was claimed before: the processor may hold something', async () => {
    const [asked, unasked] = [await app.pay({}, 'asked'), await app.pay({}, 'unasked')];
    await service.db.query(
      "update processor_operations set next_attempt_at = '2100-01-01' where payment_id = $1",
      [unasked.id],
    );
    await claim(asked.id);
    for (const { id } of [asked, unasked]) {
      await saveTransition(service, service.db, await read(id), 'cancelled', { reverse: true });
    }
    expect(await operationsOf(asked.id)).toMatchObject([
      { kind: 'charge', step: 'done', claim: null },
      { kind: 'reversal', step: 'repeat' },
    ]);
    expect(await operationsOf(unasked.id)).toMatchObject([{ kind: 'charge', step: 'done' }]);
  });
});
