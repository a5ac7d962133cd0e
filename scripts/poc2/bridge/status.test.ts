import { openTestDatabase } from '../../../broker/testing/test-database.ts';
import { startPoc2 } from '../testing/poc2-process.ts';

const migrations = new URL('../../../services/poc2-bridge/migrations/', import.meta.url);

it('says what passed and what waits; without a bridge it says so', async () => {
  const { url, db, end } = await openTestDatabase({ migrations });
  const at = '2026-11-30T12:00:00.000Z';
  await db.query(`insert into message_counts values ('from-poc2', 'paymentCreated', 'passed', 12, '${at}')`);
  await db.query(
    `insert into to_poc2 (id, kind, entity, messages, arrived_at, due_at)
     values ('evt_1', 'configUpdated', 'x', '[]', '${at}', '${at}')`,
  );
  const empty = await openTestDatabase();
  const run = (databaseUrl: string, ...args: string[]) =>
    startPoc2({ env: { POC2_BRIDGE_DATABASE_URL: databaseUrl } } as never, '', ['bridge', ...args]).exited;
  const [status, wrong, unused] = await Promise.all([
    run(url, 'status'),
    run(url, 'start'),
    run(empty.url, 'status'),
  ]);
  await end();
  await empty.end();
  expect(unused).toMatchObject({
    code: 2,
    problem: expect.stringMatching(/^poc2: The bridge has never started with this database/) as string,
  });
  expect(status).toMatchObject({ code: 0, problem: '' });
  expect(status.output).toMatch(/from-poc2 +paymentCreated +passed +12 +2026-11-30T12:00:00.000Z/);
  expect(status.output).toMatch(/1 wait to be sent to POC-2, the oldest since 2026-11-30T12:00:00.000Z/);
  expect(wrong).toMatchObject({ code: 2, problem: 'poc2: The command is: bridge status.\n' });
}, 60_000);
