import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startPayments, type PaymentsApp } from '../../services/payments/testing/start-payments.ts';
import { throwAwayDatabase } from '../../broker/testing/throw-away-database.ts';
import { eventually } from '../../broker/testing/eventually.ts';

const KEY = 'sk_test_0123456789abcdef';
let app: PaymentsApp;
let folder: string;
let payments: Client;
let sandbox: Client;
let databases: Awaited<ReturnType<typeof throwAwayDatabase>>[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'payloom-verify-'));
  databases = await Promise.all([throwAwayDatabase(), throwAwayDatabase()]);
  const [own = '', processor = ''] = databases.map(({ url }) => url);
  app = await startPayments({
    SANDBOX_SECRET_KEY: KEY,
    STRIPE_SECRET_KEY: KEY,
    PAYMENTS_DATABASE_URL: own,
    SANDBOX_DATABASE_URL: processor,
  });
  [payments, sandbox] = [new Client({ connectionString: own }), new Client({ connectionString: processor })];
  await Promise.all([payments.connect(), sandbox.connect()]);
});
afterAll(async () => {
  await Promise.all([payments?.end(), sandbox?.end()]);
  await app?.stop();
  for (const { drop } of databases ?? []) await drop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs the command as an operator does; its checks ask the sandbox of this process. */
const verify = async (acks: string): Promise<{ code: number; lines: string[] }> => {
  const file = join(folder, 'acks');
  await writeFile(file, acks);
  const { url } = app.service('processor-sandbox').state as { url: string };
  const [own = '', processor = ''] = databases.map((database) => database.url);
  const env = {
    PATH: process.env['PATH'],
    DATA_FOLDER: folder,
    PAYMENTS_DATABASE_URL: own,
    SANDBOX_DATABASE_URL: processor,
    PROCESSOR_URL: url,
    STRIPE_SECRET_KEY: KEY,
  };
  return new Promise((resolve) => {
    const args = ['tests/oracle/verify.ts', '--acks', file, '--wait', '5'];
    execFile(process.execPath, args, { env }, (error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`.split('\n').filter((line) => !/Warning|--trace/.test(line));
      resolve({ code: error ? Number(error.code) : 0, lines });
    });
  });
};

const paid = async (key: string): Promise<string> => {
  const { id } = await app.pay({}, key);
  await eventually(async () => {
    const { rowCount } = await payments.query(
      "select from processor_operations where payment_id = $1 and step <> 'done'",
      [id],
    );
    return rowCount === 0;
  });
  return id;
};

const ODD = ['text', 'json', 'metadata', 'shape', 'time', 'amount', 'currency', 'status'];

it('verify reports each row that it cannot read, checks all others, and exits with 1', async () => {
  const good = await paid('good');
  expect(await verify(`good ${good} 201\n`)).toMatchObject({ code: 0 });

  const ids: Record<string, string> = {};
  for (const name of [...ODD, 'intent', 'lost']) ids[name] = await paid(name);
  await payments.query(
    `alter table payments drop constraint payments_amount_minor_check,
       drop constraint payments_currency_check, drop constraint payments_status_check`,
  );
  const set = (column: string, value: string, name: string) =>
    payments.query(`update payments set ${column} = $1 where id = $2`, [value, ids[name]]);
  const answer = (name: string, response: string) =>
    payments.query('update idempotency_keys set response = $1 where key = $2', [response, name]);
  await answer('text', `{"id":"${ids['text']}","description":"\\ud800 \\u0000"}`);
  await answer('json', 'not JSON \u202e\u0007');
  await set('metadata', '{"a":"\\udc00"}', 'metadata');
  await set('metadata', '{"a":{"b":5}}', 'shape');
  await set('created_at', 'infinity', 'time');
  await set('amount_minor', '9223372036854775807', 'amount');
  await set('currency', 'X\u0301', 'currency');
  await set('status', 'odd', 'status');
  const { rows } = await sandbox.query<{ id: string }>(
    `update payment_intents set amount = 9223372036854775807, metadata = metadata || '{"b":"\ufffd"}'
     where metadata ->> 'payment_id' = $1 returning id`,
    [ids['intent']],
  );
  const lost = `pay_${'0'.repeat(32)}`;
  const { code, lines } = await verify(`good ${good} 201\nlost ${lost} 201\n\u0000 nothing\n`);
  const of = (id: string | undefined) => lines.filter((line) => line.includes(String(id)));

  expect(of(ids['text'])).toEqual([
    `unreadable: ${ids['text']}: the stored answer of its key cannot be read`,
  ]);
  expect(of('key json of')).toHaveLength(1);
  expect(of(ids['metadata'])).toEqual([`unreadable: ${ids['metadata']}: its metadata cannot be read`]);
  expect(of(ids['amount'])).toContain(`unreadable: ${ids['amount']}: its amount cannot be read`);
  expect(of(ids['currency'])).toContain(`unreadable: ${ids['currency']}: its currency is unknown`);
  expect(of(ids['shape'])).toEqual([`unreadable: ${ids['shape']}: its metadata cannot be read`]);
  expect(of(ids['time'])).toContain(`unreadable: ${ids['time']}: its times cannot be read`);
  expect(of(ids['status'])).toContain(`unreadable: ${ids['status']}: its status is unknown`);
  expect(of(rows[0]?.id)).toEqual([
    `unreadable: ${rows[0]?.id}: the amount 9223372036854776000 cannot be read at the processor`,
  ]);
  expect(of('line 3')).toHaveLength(1);
  expect(of(lost)).toEqual([`lost: ${lost}: acknowledged for key lost, and not there`]);
  expect(of(good)).toEqual([]);
  expect(of('could not be checked')).toEqual([]);
  expect(code).toBe(1);
});

it('verify compares currency and payer of a payment with its postings, charge and key', async () => {
  const [currency, payer] = [await paid('other-currency'), await paid('other-payer')];
  await payments.query("update payments set currency = 'USD' where id = $1", [currency]);
  await payments.query("update idempotency_keys set caller_id = 'usr_other' where key = 'other-payer'");
  const { code, lines } = await verify('');
  expect(lines).toEqual(
    expect.arrayContaining([
      `unbalanced: ${currency}: postings do not agree with status, amount, currency or payee`,
      `unsettled: ${currency}: charged in EUR, not in USD`,
      `lost: ${payer}: the key of another caller answers for it`,
    ]),
  );
  expect(code).toBe(1);
});
