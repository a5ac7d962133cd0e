import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ConfirmChannel } from 'amqplib';
import { deadQueueOf, queueOf } from '../../broker/events/topology.ts';
import { newId } from '../../broker/process/ids.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { seeded, until } from '../system/timing.ts';
import { assertEventsFlow, openEvents, takeAll } from './events.ts';
import type { StackFault } from './fault.ts';
import type { System } from './system.ts';

const run = promisify(execFile);

type Replayed = { id: string; payload: string | Buffer; version?: number };

/** Puts an event of auth into payments' queue, as an operator's replay does. */
export const put = (channel: ConfirmChannel, { id, payload, version = 1 }: Replayed): void => {
  channel.publish('', queueOf('payments'), Buffer.from(payload), {
    persistent: true,
    messageId: id,
    type: auth.events.userChanged.name,
    userId: 'operator',
    headers: { version, occurredAtMs: Date.now(), publishedBy: 'auth' },
  });
};

const user = (label: string, version: number, more: object = {}) => ({
  id: newId('user', Date.now()),
  email: `${label}@example.com`,
  name: `Version ${version}`,
  role: 'CUSTOMER',
  status: 'active',
  version,
  ...more,
});

const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);

const nameOf = async (system: System, id: string): Promise<string | undefined> => {
  const db = system.database('payments');
  const { rows } = await db.query<{ name: string }>('select name from parties where id = $1', [id]);
  return rows[0]?.name;
};

const USERS = 40;
const VERSIONS = 5;

export const repeatEvents: StackFault = {
  on: 'stack',
  name: 'F7-repeat-events',
  title: `${USERS * VERSIONS} events delivered three times each, out of order`,
  run: async (system, { seed }) => {
    const random = seeded(seed);
    const { channel, close } = await openEvents(system);
    const people = Array.from({ length: USERS }, (_, index) => {
      const { id } = user('', 1);
      const email = `f7-${seed}-${id}-${index}@example.com`;
      return Array.from({ length: VERSIONS }, (_unused, at) => ({
        id: newId('event', Date.now()),
        person: id,
        payload: JSON.stringify(user('', at + 1, { id, email })),
      }));
    });
    const events = people.flat();
    for (const event of shuffled([...events, ...events, ...events], random)) put(channel, event);
    await channel.waitForConfirms();
    const db = system.database('payments');
    const ids = events.map(({ id }) => id);
    const tookMs = await until('every event is handled', 10_000, async () => {
      const { rowCount } = await db.query('select from inbox where id = any($1)', [ids]);
      return rowCount === ids.length;
    });
    await until('the queue is empty', 10_000, async () => {
      const { messageCount } = await channel.checkQueue(queueOf('payments'));
      return messageCount === 0;
    });
    for (const [first] of people) {
      const name = await nameOf(system, first?.person ?? '');
      if (name !== `Version ${VERSIONS}`) throw new Error(`${first?.person} ended as ${name}`);
    }
    const dead = (await channel.checkQueue(deadQueueOf('payments'))).messageCount;
    await close();
    if (dead > 0) throw new Error(`${dead} became dead letters`);
    return `${events.length * 3} deliveries, ${ids.length} effects, the last versions stand (${tookMs} ms)`;
  },
};

const HANDLED_BEFORE_DEAD_MS = 60_000;
const TOO_BIG_BYTES = 300 * 1024;

export const poison: StackFault = {
  on: 'stack',
  name: 'F7-poison',
  title:
    'events that cannot be parsed, of an unknown version, too big, and one whose handler fails; then replay',
  run: async (system, { seed }) => {
    const { channel, close } = await openEvents(system);
    const id = () => newId('event', Date.now());
    const label = `f7p-${seed}-${Date.now()}`;
    const [first, second] = [user(label, 1), user(label, 1, { name: 'Same e-mail' })];
    // The handler fails for the second: an e-mail address belongs to one account.
    put(channel, { id: id(), payload: JSON.stringify(first) });
    await until(
      'the first event is handled',
      5_000,
      async () => (await nameOf(system, first.id)) !== undefined,
    );
    const failing = id();
    const poisons: Replayed[] = [
      { id: id(), payload: Buffer.from([0x00, 0xff, 0x7b]) },
      { id: id(), payload: JSON.stringify(user(`${label}-v`, 1)), version: 99 },
      { id: id(), payload: JSON.stringify(user(`${label}-b`, 1, { name: 'x'.repeat(TOO_BIG_BYTES) })) },
      { id: failing, payload: JSON.stringify(second) },
    ];
    const startedMs = Date.now();
    for (const event of poisons) put(channel, event);
    await channel.waitForConfirms();
    const othersMs = await assertEventsFlow(system, 3_000);
    const deadQueue = deadQueueOf('payments');
    await until('all poison is in the dead-letter queue', HANDLED_BEFORE_DEAD_MS, async () => {
      const { messageCount } = await channel.checkQueue(deadQueue);
      return messageCount === poisons.length;
    });
    const deadMs = Date.now() - startedMs;
    await assertEventsFlow(system, 3_000);

    const db = system.database('payments');
    await db.query('delete from parties where id = $1', [first.id]);
    const script = ['scripts/events/events.ts', 'replay', 'payments', failing, '--stack', system.stack.name];
    await run(process.execPath, script);
    await until('the replayed event is handled', 5_000, async () => {
      return (await nameOf(system, second.id)) === 'Same e-mail';
    });
    const letters = await takeAll(channel, deadQueue);
    await close();
    if (letters.length !== poisons.length - 1) throw new Error(`${letters.length} dead letters are left`);
    const tries = letters.map(({ properties }) => Number(properties.headers?.['attempts'] ?? 0));
    const causes = letters.map(({ properties }) => String(properties.headers?.['cause']).slice(0, 60));
    if (tries.some((count) => count > 5) || causes.some((cause) => cause === 'undefined'))
      throw new Error(`tries ${tries.join(', ')}, causes ${causes.join(' · ')}`);
    return (
      `${poisons.length} dead letters after ${deadMs} ms (tries ${tries.join(', ')} and ≤ 5: ` +
      `${causes.join(' · ')}); others handled in ${othersMs} ms; one replayed with effect`
    );
  },
};
