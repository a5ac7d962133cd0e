// How fast relays publish a backlog: outbox rows per second, from PostgreSQL to RabbitMQ's quorum queues.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connect } from 'amqplib';
import { connectAmqp } from '../../broker/amqp/connection.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { createOutbox } from '../../broker/events/outbox.ts';
import { startRelay } from '../../broker/events/relay.ts';
import { rabbitmqHub } from '../../broker/events/rabbitmq-hub.ts';
import { declareTopology } from '../../broker/events/topology.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { openDatabase, type Database } from '../../broker/postgres/database.ts';
import { payments } from '../../shared/contracts/payments.ts';

const HELP = `node tests/bench/outbox-drain.ts [--rows 100000] [--relays 1] [--subscribers 2]
Fills an outbox and measures how long relays take to publish it to a quorum queue per subscriber.
DATABASE_URL names a migrated database with an empty outbox, RABBITMQ_URL a RabbitMQ; both are restored.`;

const EVENT = payments.events.completed.name;
const log = createLogger({ level: 'silent' });

const fill = async (db: Database, rows: number): Promise<void> => {
  await db.query(
    `insert into outbox (id, event, version, payload, occurred_at)
     select 'evt_' || md5(n::text), $1, 1, $2, now() from generate_series(1, $3::int) as n`,
    [EVENT, JSON.stringify({ id: `pay_${'0'.repeat(32)}`, note: 'x'.repeat(300) }), rows],
  );
};

const count = async (db: Database): Promise<number> =>
  (await db.query<{ count: number }>('select count(*)::int as count from outbox'))[0]?.count ?? 0;

const lastKept = async (db: Database): Promise<number> =>
  Number((await db.query<{ last: string | null }>('select max(seq) as last from published_events'))[0]?.last);

const measure = async (
  databaseUrl: string,
  rabbitUrl: string,
  rows: number,
  relays: number,
  subscribers: number,
) => {
  const names = Array.from({ length: subscribers }, (_value, index) => `bench-${process.pid}-${index}`);
  const model = await connect(rabbitUrl);
  const channel = await model.createChannel();
  for (const name of names) await declareTopology(channel, name, [EVENT]);
  const db = openDatabase({ url: databaseUrl, poolSize: relays + 2, name: 'bench', log });
  const amqp = await connectAmqp({ urls: [rabbitUrl], name: 'bench', log });
  const hub = await rabbitmqHub({ amqp, log, nodeId: 'bench' });
  try {
    if ((await count(db)) > 0) throw new Error('the outbox is not empty: use another database');
    const keptBefore = await lastKept(db);
    await fill(db, rows);
    const startMs = performance.now();
    const workers = Array.from({ length: relays }, () => startRelay('bench', db, hub, log));
    createOutbox(db, systemClock).wake();
    while ((await count(db)) > 0) await sleep(50);
    const seconds = (performance.now() - startMs) / 1_000;
    await Promise.all(workers.map((worker) => worker.stop()));
    for (const name of names) {
      const { messageCount } = await channel.checkQueue(`events.${name}`);
      if (messageCount < rows) throw new Error(`only ${messageCount} of ${rows} events reached ${name}`);
    }
    await db.query('delete from published_events where seq > $1', [keptBefore]);
    return { seconds, perSecond: rows / seconds };
  } finally {
    for (const name of names)
      for (const part of ['', '.dead', '.retry.1', '.retry.2', '.retry.3', '.retry.4', '.retry.5'])
        await channel.deleteQueue(`events.${name}${part}`);
    await amqp.close();
    await model.close();
    await db.close();
  }
};

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    relays: { type: 'string', default: '1' },
    subscribers: { type: 'string', default: '2' },
    help: { type: 'boolean' },
  },
});
const { DATABASE_URL, RABBITMQ_URL } = process.env;
if (values.help || !DATABASE_URL || !RABBITMQ_URL) console.log(HELP);
else {
  const [rows, relays, subscribers] = [
    Number(values.rows),
    Number(values.relays),
    Number(values.subscribers),
  ];
  const { seconds, perSecond } = await measure(DATABASE_URL, RABBITMQ_URL, rows, relays, subscribers);
  console.log(
    `${rows} events, ${relays} relay(s), ${subscribers} subscribing service(s): ` +
      `${Math.round(perSecond)} rows/s (${seconds.toFixed(1)} s)`,
  );
}
