import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ChannelModel, type GetMessage } from 'amqplib';
import { newId } from '../../broker/process/ids.ts';
import { deadQueueOf, declareTopology, queueOf } from '../../broker/events/topology.ts';
import { throwAwayVhost } from '../../broker/testing/rabbitmq.ts';
import { splitSql } from '../../broker/postgres/migration-files.ts';
import { databaseOf } from '../events/system.ts';
import { CREATE_RECORDS, HASHES } from '../poc2/copy/records.ts';
import { createKeySeal } from '../../services/auth/signing/key-seal.ts';
import { openBackup } from './read-file.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';
import { emptySystem, type TestSystem } from './testing/empty-system.ts';

const SEAL = 'the seal of the backed up system, in text';
const THREE = { SERVICES: 'auth,payments,realtime' };
let folder: string;
let model: ChannelModel;
const systems: TestSystem[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-backup-'));
  model = await connect(await throwAwayVhost('backup'));
}, 90_000);
afterAll(async () => {
  for (const system of systems) await system.close();
  await model?.close();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const silent = () => undefined;

const system = async (on: ChannelModel | null, env: Record<string, string> = {}): Promise<TestSystem> => {
  const made = await emptySystem(on, { AUTH_KEY_SEAL: SEAL, ...env });
  systems.push(made);
  return made;
};

const event = () => newId('event', Date.now());

/** A published event of payments. */
const publish = async ({ query }: TestSystem, id: string, table = 'published_events'): Promise<void> => {
  const [columns, values] = table === 'outbox' ? ['', ''] : [', published_at', ', now()'];
  await query(
    'payments',
    `insert into ${table} (id, event, version, payload, occurred_at${columns})
     values ($1, 'payments.completed', 1, '{}', now()${values})`,
    [id],
  );
};

/** Rows with special signs, null, JSON and many digits, behind foreign keys and a trigger. */
const fill = async ({ query }: TestSystem): Promise<void> => {
  const odd = 'tab\t, line\nfeed, \\N, "quotes", \u{1F4B6}, \\.';
  for (const id of ['usr_a', 'usr_b'])
    await query('payments', `insert into parties values ($1, $2, $3, 'VENDOR', 'active', 1)`, [
      id,
      `${id}@example.com`,
      odd,
    ]);
  await query(
    'payments',
    `insert into payments (id, payer_id, payee_id, amount_minor, currency, status, payment_method,
       description, metadata, created_at, updated_at)
     values ('pay_1', 'usr_a', 'usr_b', 9007199254740991, 'EUR', 'pending', 'pm', $1, $2, now(), now())`,
    [odd, JSON.stringify({ odd })],
  );
  await query(
    'payments',
    `insert into postings select 'pay_1', 'opened', account, null, 'EUR', amount, now()
     from (values ('processor_clearing', 5), ('payee_pending', -5)) as one (account, amount)`,
  );
};

const addSigningKey = async ({ query }: TestSystem): Promise<void> => {
  const sealed = createKeySeal(SEAL, null).seal('key_1', Buffer.from('private'));
  await query(
    'auth',
    `insert into signing_keys (id, public_jwk, sealed_key, created_at) values ('key_1', '{}', $1, now())`,
    [sealed],
  );
};

/** Reads all messages of a queue and removes them. */
const drain = async (queue: string): Promise<GetMessage[]> => {
  const channel = await model.createChannel();
  const found: GetMessage[] = [];
  for (let next = await channel.get(queue, { noAck: true }); next;) {
    found.push(next);
    next = await channel.get(queue, { noAck: true });
  }
  await channel.close();
  return found;
};
const idsIn = (messages: readonly GetMessage[]) =>
  messages.map(({ properties }) => properties.messageId as string);

const deleteQueues = async (): Promise<void> => {
  const channel = await model.createChannel();
  for (const service of ['payments', 'realtime'])
    for (const queue of [queueOf(service), deadQueueOf(service)]) await channel.deleteQueue(queue);
  await channel.close();
};

const die = async (id: string): Promise<void> => {
  const channel = await model.createConfirmChannel();
  await declareTopology(channel, 'realtime', []);
  channel.publish('', deadQueueOf('realtime'), Buffer.from([0x7b, 0xff]), {
    persistent: true,
    messageId: id,
    type: 'payments.completed',
    headers: { version: 1, occurredAtMs: 1, attempts: 5, cause: 'it is odd', publishedBy: 'payments' },
  });
  await channel.waitForConfirms();
  await channel.close();
};

it('restores every row, dead letter and waiting event, and nothing that was handled', async () => {
  const source = await system(model, THREE);
  await source.migrate();
  await fill(source);
  await addSigningKey(source);
  const [handled, dead, waiting, unpublished] = [event(), event(), event(), event()] as const;
  for (const id of [handled, dead, waiting]) await publish(source, id);
  await publish(source, unpublished, 'outbox');
  await source.query('realtime', "insert into inbox values ($1, 'payments.completed', now())", [handled]);
  await die(dead);
  const path = join(folder, 'one.zip');
  const { manifest } = await takeBackup(source, path, silent);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(manifest.rabbitmq?.queues.map(({ service }) => service)).toEqual(['auth', 'payments', 'realtime']);
  expect(idsIn(await drain(deadQueueOf('realtime')))).toEqual([dead]);
  await deleteQueues();

  const target = await system(model, THREE);
  const file = await openBackup(path, silent);
  const report = await restoreBackup(target, file, silent);
  file.close();
  expect(await target.content()).toEqual(await source.content());
  expect(report).toMatchObject({ sent: { payments: 0, realtime: 1 }, deadLetters: 1 });
  const [event1] = await drain(queueOf('realtime'));
  expect(event1?.properties).toMatchObject({ messageId: waiting, headers: { publishedBy: 'payments' } });
  const [letter] = await drain(deadQueueOf('realtime'));
  expect(letter?.content).toEqual(Buffer.from([0x7b, 0xff]));
  expect(letter?.properties).toMatchObject({ messageId: dead, headers: { attempts: 5, cause: 'it is odd' } });
  // A sequence goes on where it was, and triggers are active again.
  await publish(target, event(), 'outbox');
  const seqs = await target.query<{ seq: string }>('payments', 'select seq from outbox order by seq');
  expect(seqs.map(({ seq }) => Number(seq))).toEqual([1, 2]);
  await expect(target.query('payments', 'delete from postings')).rejects.toThrow('never changed');
}, 60_000);

it('without RabbitMQ restores the queues that are tables', async () => {
  const source = await system(null, { SERVICES: 'realtime' });
  await source.migrate();
  await source.query(
    'realtime',
    `insert into event_queue (id, event, version, payload, occurred_at, next_attempt_at)
     values ($1, 'payments.completed', 1, '{}', now(), now())`,
    [event()],
  );
  const path = join(folder, 'two.zip');
  await takeBackup(source, path, silent);
  const target = await system(null, { SERVICES: 'realtime' });
  const file = await openBackup(path, silent);
  expect(await restoreBackup(target, file, silent)).toMatchObject({ sent: {}, deadLetters: 0 });
  file.close();
  expect(await target.content()).toEqual(await source.content());
});

it('restores what a move from POC-2 has recorded, which no migration makes', async () => {
  const source = await system(null, { SERVICES: 'profile' });
  await source.migrate();
  const db = databaseOf(source.system, 'profile');
  for (const statement of splitSql(CREATE_RECORDS)) await db.query(statement);
  await db.query(HASHES.create);
  await source.query('profile', "insert into poc2_hashes values ('usr_new', '$2b$10$')");
  await source.query('profile', "insert into poc2_ids values ('old', 'usr_new')");
  const path = join(folder, 'moved.zip');
  await takeBackup(source, path, silent);
  const target = await system(null, { SERVICES: 'profile' });
  const file = await openBackup(path, silent);
  await restoreBackup(target, file, silent);
  file.close();
  expect(await target.content()).toEqual(await source.content());
  expect(await target.query('profile', 'select new_id from poc2_ids')).toEqual([{ new_id: 'usr_new' }]);
  expect(await target.query('profile', 'select from poc2_hashes')).toHaveLength(1);
});

it('leaves out signing keys that the seal of the system does not open', async () => {
  const source = await system(null, { SERVICES: 'auth' });
  await source.migrate();
  await addSigningKey(source);
  const path = join(folder, 'three.zip');
  await takeBackup(source, path, silent);
  const other = { SERVICES: 'auth', AUTH_KEY_SEAL: 'the seal of another system, longer than 32' };
  for (const [env, left] of [
    [other, 0],
    [{ ...other, AUTH_KEY_SEAL_PREVIOUS: SEAL }, 1],
  ] as const) {
    const target = await system(null, env);
    const file = await openBackup(path, silent);
    await restoreBackup(target, file, silent);
    file.close();
    expect(await target.query('auth', 'select id from signing_keys')).toHaveLength(left);
  }
});
