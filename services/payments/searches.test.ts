import { Client } from 'pg';
import { throwAwayDatabase } from '../../broker/testing/throw-away-database.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { startPayments, type PaymentsApp } from './testing/start-payments.ts';

const LOCK = 7;
/** With this function searches wait for the lock. */
const FOLD_CASE = `create or replace function fold_case(text) returns text
  language plpgsql immutable strict as $$
  begin
    perform pg_advisory_xact_lock_shared(${LOCK});
    return lower($1);
  end $$`;

let made: Awaited<ReturnType<typeof throwAwayDatabase>>;
let app: PaymentsApp;
let owner: Client;
beforeAll(async () => {
  made = await throwAwayDatabase();
  owner = new Client({ connectionString: made.url });
  await owner.connect();
  app = await startPayments({ PAYMENTS_DRIVER_SLOTS: '0', PAYMENTS_DATABASE_URL: made.url });
});
afterAll(async () => {
  await app.stop();
  await owner.end();
  await made.drop();
});

const running = async (): Promise<number> => {
  const { rows } = await owner.query<{ count: number }>(
    "select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted",
  );
  return rows[0]?.count ?? 0;
};

it('while many searches run, other requests find connections', async () => {
  const { id } = await app.pay({ description: 'Tulips' }, 'first');
  await owner.query(FOLD_CASE);
  await owner.query(`select pg_advisory_lock(${LOCK})`);
  const as = app.customer;
  const searches = Array.from({ length: 60 }, (_one, index) =>
    index % 2 === 0
      ? app.call(payments.actions.list, { q: 'tulips' }, { as })
      : app.call(payments.actions.payees, { q: `vendor ${index}` }, { as }),
  );
  const outcomes = Promise.allSettled(searches);
  await eventually(async () => (await running()) > 0);
  const others = await Promise.all([
    ...Array.from({ length: 8 }, () => app.call(payments.actions.get, { id }, { as })),
    app.pay({ payee: { id: app.vendor.userId } } as never, 'second'),
    app.call(payments.actions.list, { limit: 5 }, { as }),
  ]);
  expect(others).toHaveLength(10);
  expect(await running()).toBe(3);
  await owner.query(`select pg_advisory_unlock(${LOCK})`);
  const settled = await outcomes;
  const refused = settled.filter((one) => one.status === 'rejected');
  expect(settled.length - refused.length).toBe(35);
  for (const { reason } of refused)
    expect(reason).toMatchObject({ code: 'unavailable', data: { retryAfterS: 1 } });
});
