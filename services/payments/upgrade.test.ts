import { openTestDatabase } from '../../broker/testing/test-database.ts';
import type { PaymentId, UserId } from '../../shared/contracts/ids.ts';
import { findPayment, readTimeline, toPayment } from './persistence/payments.ts';

const BROKER = new URL('../../broker/postgres/migrations/', import.meta.url);
const OWN = new URL('./migrations/', import.meta.url);
const OLD = [
  new URL('0000-broker.sql', BROKER),
  new URL('0001-fact-queue.sql', BROKER),
  new URL('0001-payments.sql', OWN),
];
const OLD_STEPS = [
  ['4', 'pending', 'authorize', null, 2, 1],
  ['5', 'processing', 'capture', 'pi_5', 1, 2],
  ['6', 'cancelled', 'void', 'pi_6', 3, 1],
  ['7', 'cancelled', 'void', null, 1, 1],
] as const;
const id = (digit: string) => `pay_${digit.repeat(32)}` as PaymentId;
const [payer, payee] = [`usr_${'a'.repeat(32)}` as UserId, `usr_${'b'.repeat(32)}` as UserId];

it('a database of the version before keeps its payments; its sentences become codes', async () => {
  const { db, migrate, migrateAsBefore, end } = await openTestDatabase();
  try {
    await migrateAsBefore(OLD);
    await db.query(
      `insert into parties values ($1, 'a@example.com', 'Ada', 'CUSTOMER', 'active', 1),
         ($2, 'b@example.com', 'Bo', 'VENDOR', 'active', 1)`,
      [payer, payee],
    );
    await db.query(
      `insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method,
         failure_code, failure_message, version, created_at, updated_at, step)
       select id, $2, $3, 1234, 'EUR', status, 'pm_card_visa', code, message, 2, now(), now(), 'done'
       from unnest($1::text[], array['completed', 'failed', 'cancelled'],
         array[null, 'insufficient_funds', null], array[null, 'Your card has insufficient funds.', null])
         as one (id, status, code, message)`,
      [[id('1'), id('2'), id('3')], payer, payee],
    );
    await db.query(
      `insert into payment_events (payment_id, version, status, note, at) values
         ($1, 2, 'processing', 'Authorized by the bank', now()), ($1, 3, 'completed', 'Paid', now()),
         ($2, 2, 'failed', 'Your card has insufficient funds.', now()),
         ($3, 2, 'cancelled', 'Cancelled by the payer', now())`,
      [id('1'), id('2'), id('3')],
    );
    for (const [digit, status, step, intentId, attempts, keyTry] of OLD_STEPS) {
      await db.query(
        `insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method,
           created_at, updated_at, step, intent_id, attempts, key_try, next_attempt_at)
         values ($1, $2, $3, 500, 'EUR', $4, 'pm_card_visa', now(), now(), $5, $6, $7, $8, now())`,
        [id(digit), payer, payee, status, step, intentId, attempts, keyTry],
      );
    }
    await db.query("insert into processor_events values ('evt_1', 'payment_intent.succeeded', $1, now())", [
      id('1'),
    ]);

    await migrate(OWN);

    const history = async (payment: PaymentId) => {
      const row = (await findPayment(db, payment, {
        userId: payer,
        role: 'CUSTOMER',
      }))!;
      const timeline = await readTimeline(db, row, payer);
      return {
        failure: toPayment(row, payer).failure,
        history: timeline.map((one) => [one.status, one.reason]),
      };
    };
    expect(await history(id('1'))).toEqual({
      failure: null,
      history: [
        ['pending', null],
        ['processing', null],
        ['completed', null],
      ],
    });
    expect(await history(id('2'))).toEqual({
      failure: { code: 'insufficient_funds' },
      history: [
        ['pending', null],
        ['failed', 'insufficient_funds'],
      ],
    });
    expect((await history(id('3'))).history.at(-1)).toEqual(['cancelled', 'cancelled_by_payer']);
    expect(await db.query('select id, payment_id from processor_webhooks')).toEqual([
      { id: 'evt_1', payment_id: id('1') },
    ]);
    const operations = await db.query<{ id: string; step: string; key_number: number }>(
      `select id, step, intent_id, key_number, key_used_at is not null as used,
         next_attempt_at is not null as due
       from processor_operations order by id`,
    );
    const done = { step: 'done', intent_id: null, key_number: 1, used: false, due: false };
    expect(operations).toEqual([
      { ...done, id: `${id('1')}:charge` },
      { ...done, id: `${id('2')}:charge` },
      // What a cancelled payment of the last days may still hold is looked for.
      { ...done, id: `${id('3')}:charge`, key_number: 2 },
      { ...done, id: `${id('3')}:reversal`, step: 'search', due: true },
      { ...done, id: `${id('4')}:charge`, step: 'authorize', used: true, due: true },
      {
        ...done,
        id: `${id('5')}:charge`,
        step: 'capture',
        intent_id: 'pi_5',
        key_number: 2,
        used: true,
        due: true,
      },
      { ...done, id: `${id('6')}:charge`, intent_id: 'pi_6', key_number: 2 },
      { ...done, id: `${id('6')}:reversal`, step: 'search', due: true },
      { ...done, id: `${id('7')}:charge`, key_number: 2 },
      { ...done, id: `${id('7')}:reversal`, step: 'search', due: true },
    ]);
  } finally {
    await end();
  }
});
