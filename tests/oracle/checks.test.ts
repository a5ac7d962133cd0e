import { Client } from 'pg';
import { Stripe } from 'stripe';
import { startPayments, type PaymentsApp } from '../../services/payments/testing/start-payments.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { checkStuck, readAcks } from './checks.ts';
import { checkCharges } from './processor-checks.ts';

const KEY = 'sk_test_0123456789abcdef';
let app: PaymentsApp;
let db: Client;
let stripe: Stripe;
beforeAll(async () => {
  app = await startPayments({ SANDBOX_SECRET_KEY: KEY, STRIPE_SECRET_KEY: KEY });
  const { hostname, port } = new URL((app.service('processor-sandbox').state as { url: string }).url);
  stripe = new Stripe(KEY, { host: hostname, port, protocol: 'http', telemetry: false });
  const [row] = await app.service('payments').db.query<{ name: string }>('select current_database() as name');
  const url = new URL(process.env['PAYLOOM_TEST_POSTGRES'] ?? '');
  url.pathname = `/${row?.name}`;
  db = new Client({ connectionString: url.href });
  await db.connect();
});
afterAll(async () => {
  await db?.end();
  await app?.stop();
});

const plant = (paymentId: string, amount: number, captured: boolean) =>
  stripe.paymentIntents.create({
    amount,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    allowed_payment_method_types: ['card'],
    capture_method: captured ? 'automatic' : 'manual',
    confirm: true,
    metadata: { payment_id: paymentId },
  });

const done = (id: string) =>
  eventually(async () => {
    const { rowCount } = await db.query(
      "select from processor_operations where payment_id = $1 and step <> 'done'",
      [id],
    );
    return rowCount === 0;
  });

it('verify reports what the processor holds, and lacks, of payments that are over', async () => {
  const completed = await app.pay({}, 'completed');
  const failed = await app.pay({ paymentMethod: 'pm_card_chargeDeclined' }, 'failed');
  const missing = await app.pay({}, 'missing');
  for (const { id } of [completed, failed, missing]) await done(id);
  expect(await checkCharges(db, stripe)).toEqual([]);

  await plant(failed.id, 7_777, false);
  await plant(completed.id, 1_234, true);
  const unknown = `pay_${'0'.repeat(32)}`;
  await plant(unknown, 500, false);
  await app.service('processor-sandbox').db.query(
    `with gone as (delete from charges where metadata ->> 'payment_id' = $1)
       delete from payment_intents where metadata ->> 'payment_id' = $1 and false`,
    [missing.id],
  );
  const found = await checkCharges(db, stripe);
  expect(found).toHaveLength(4);
  expect(found).toEqual(
    expect.arrayContaining([
      { law: 'R', id: failed.id, what: 'failed, but 7777 is still reserved' },
      { law: 'D', id: completed.id, what: 'charged 2 times' },
      { law: 'R', id: missing.id, what: 'completed, but 0 was kept of 1234' },
      { law: 'R', id: unknown, what: 'the processor holds money of a payment that is not there' },
    ]),
  );
});

it('verify sets apart payments of POC-2 that this processor does not know', async () => {
  const [known, unknown] = [await app.pay({}, 'moved-known'), await app.pay({}, 'moved-unknown')];
  for (const { id } of [known, unknown]) await done(id);
  const sandbox = app.service('processor-sandbox').db;
  await db.query(
    `create table poc2_ids (old_id text primary key, new_id text not null);
     insert into poc2_ids select 'old-' || id, id from payments where id in ('${known.id}', '${unknown.id}')`,
  );
  const ofThese = async () =>
    (await checkCharges(db, stripe)).filter(({ id }) => id === known.id || id === unknown.id);
  try {
    // POC-2's PaymentIntents name no payment of ours.
    for (const table of ['charges', 'payment_intents'])
      await sandbox.query(`update ${table} set metadata = '{}' where metadata ->> 'payment_id' = $1`, [
        known.id,
      ]);
    await db.query("update processor_operations set intent_id = 'pi_elsewhere' where payment_id = $1", [
      unknown.id,
    ]);
    for (const table of ['charges', 'payment_intents'])
      await sandbox.query(`update ${table} set metadata = '{}' where metadata ->> 'payment_id' = $1`, [
        unknown.id,
      ]);
    expect(await ofThese()).toEqual([{ law: 'M', id: unknown.id, what: 'this processor does not know it' }]);
  } finally {
    await db.query('drop table poc2_ids');
  }
});

it('verify reports a reversal that the processor refuses', async () => {
  const { id } = await app.pay({ paymentMethod: 'pm_card_pending' }, 'refused');
  await eventually(async () => {
    const { rowCount } = await db.query(
      "select from processor_operations where payment_id = $1 and step = 'await'",
      [id],
    );
    return rowCount === 1;
  });
  const { url } = app.service('processor-sandbox').state as { url: string };
  await fetch(`${url}/sandbox/faults`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}` },
    body: JSON.stringify({
      refuse: { status: 400, code: 'balance_insufficient' },
      matching: { operation: 'cancel' },
    }),
  });
  await app.call(payments.actions.cancel, { id }, { as: app.customer });
  await eventually(async () => {
    const { rowCount } = await db.query(
      'select from processor_operations where payment_id = $1 and stuck is not null',
      [id],
    );
    return rowCount === 1;
  });
  await db.query("update payments set updated_at = now() - interval '1 minute' where id = $1", [id]);
  expect(await checkStuck(db)).toEqual([
    { law: 'G', id, what: expect.stringMatching(/^cancelled since .*, next step reverse, stuck: balance/) },
  ]);
});

it('a line of acknowledgements that is none is reported, and the others are read', () => {
  const id = `pay_${'1'.repeat(32)}`;
  const { acks, unreadable } = readAcks(
    `key-1 ${id} 201\n\n\u0000 ${id} 201\nkey-2,${id},200\nkey-3 ${id} ok\n`,
  );
  expect(acks.map(({ key }) => key)).toEqual(['key-1', 'key-2']);
  expect(unreadable.map(({ law, id: line }) => [law, line])).toEqual([
    ['U', 'line 3'],
    ['U', 'line 5'],
  ]);
});
