import { connect } from 'amqplib';
import { deadQueueOf, declareTopology } from '../../broker/events/topology.ts';
import { startRedis } from '../../broker/cache/testing/start-redis.ts';
import { findServices } from '../../broker/process/find-services.ts';
import { throwAwayVhost } from '../../broker/testing/rabbitmq.ts';
import { migratedDatabase, type TestDatabase } from '../../broker/testing/test-database.ts';
import { checkRabbitmq, checkRedis } from './bus.ts';
import { checkDatabase } from './databases.ts';
import type { Finding } from './finding.ts';

const wrongs = (findings: readonly Finding[]) => findings.filter(({ ok }) => !ok).map(({ text }) => text);

describe('a database', () => {
  let made: TestDatabase;
  let folder: URL;
  beforeAll(async () => {
    const [auth] = await findServices({ SERVICES: 'auth' });
    folder = auth?.database?.migrations as URL;
    made = await migratedDatabase(folder);
  });
  afterAll(() => made?.end());
  const check = (url = made.url) => checkDatabase({ service: 'auth', url }, folder);

  it('that is well has nothing wrong', async () => {
    expect(wrongs(await check())).toEqual([]);
  });

  it('with an old outbox, dead letters and failing jobs', async () => {
    await made.db.query(
      `insert into outbox (id, event, version, payload, occurred_at)
       values ('evt_1', 'auth.x', 1, '{}', now() - interval '5 minutes')`,
    );
    await made.db.query(
      `insert into event_queue (id, event, version, payload, occurred_at, dead_at)
       values ('evt_2', 'auth.x', 1, '{}', now(), now())`,
    );
    await made.db.query(
      `insert into jobs (name, next_run_at, last_error) values
         ('purge', now(), 'it broke'), ('seal', now() - interval '1 hour', null)`,
    );
    expect(wrongs(await check())).toEqual([
      '1 events wait in the outbox, the oldest for 300 s.',
      '1 events are dead letters.',
      'The job purge: it broke.',
      'The job seal is late.',
    ]);
  });

  it('with pending migrations', async () => {
    await made.db.query("delete from migrations where name like '0011%'");
    expect(wrongs(await check())).toEqual([
      'the database of auth is older than this program, run `npm run migrate`: 0011-device-names.sql.',
    ]);
  });

  it('that cannot be reached', async () => {
    expect(wrongs(await check('postgres://x:y@127.0.0.1:1/none'))).toEqual([
      expect.stringMatching(/The database of auth at 127.0.0.1:1 cannot be used/),
    ]);
  });
});

it('reports missing queues, queues that nobody consumes, and dead letters', async () => {
  const env = { RABBITMQ_URL: await throwAwayVhost('doctor') };
  const model = await connect(env.RABBITMQ_URL);
  const channel = await model.createConfirmChannel();
  await declareTopology(channel, 'realtime', []);
  channel.publish('', deadQueueOf('realtime'), Buffer.from('{}'));
  await channel.waitForConfirms();
  expect(wrongs(await checkRabbitmq(env))).toEqual([
    'There is no queue events.admin: events for admin stay in outboxes.',
    'There is no queue events.auth: events for auth stay in outboxes.',
    'There is no queue events.payments: events for payments stay in outboxes.',
    'There is no queue events.profile: events for profile stay in outboxes.',
    '0 events wait, 0 processes consume.',
    '1 events are dead letters.',
  ]);
  await model.close();
  expect(wrongs(await checkRabbitmq({ RABBITMQ_URL: 'amqp://x:y@127.0.0.1:1' }))).toEqual([
    expect.stringMatching(/could not be checked: RabbitMQ at 127.0.0.1:1 cannot be reached/),
  ]);
}, 120_000);

it('reports a Redis that does not answer', async () => {
  const redis = await startRedis();
  expect(wrongs(await checkRedis(redis.url))).toEqual([]);
  await redis.end();
  expect(wrongs(await checkRedis(redis.url))).toEqual([expect.stringMatching(/could not be checked/)]);
});
