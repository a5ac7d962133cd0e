import { register } from 'prom-client';
import { eventually } from '../../broker/testing/eventually.ts';
import { throwAwayVhost } from '../../broker/testing/rabbitmq.ts';
import type { TestServices } from '../../broker/testing/start-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import type { Event, PayloadOf } from '../../shared/contracts/contract.ts';
import { payments, type PaymentStatus } from '../../shared/contracts/payments.ts';
import type { BridgeService } from './poc2-bridge.ts';
import { CHANNELS } from './domain/channels.ts';
import { startBridgeWorld, type BridgeWorld } from './testing/start-bridge.ts';

const hex = (number: number): string => number.toString(16).padStart(32, '0');
const at = '2026-11-30T12:00:00.000Z';

let world: BridgeWorld;
let first: TestServices;
let messages = 0;
const samples = {
  userId: 'old-user',
  email: 'a@example.com',
  role: 'CUSTOMER',
  paymentId: 'old-payment',
  amount: 12.5,
  type: 'instant',
  status: 'processing',
  reason: 'declined',
};

/** A message of POC-2 with all the data that any kind has. */
const messageOf = (channel: string, over: object = {}, data: object = {}) => ({
  id: `m-${++messages}`,
  type: channel,
  timestamp: at,
  source: 'poc2-payments',
  data: { ...samples, ...data },
  ...over,
});
const say = async (channel: string, over?: object, data?: object): Promise<string> => {
  const message = messageOf(channel, over, data);
  await world.poc2.publish(channel, JSON.stringify(message));
  return message.id;
};
const publish = <F extends Event>(event: F, payload: PayloadOf<F>): Promise<void> => {
  const { db, outbox } = world.ours.service(event.name.split('.')[0] ?? '');
  return db.transaction((tx) => outbox.add(tx, event, payload));
};
const paymentOf = (number: number, status: PaymentStatus, version: number) =>
  ({
    id: `pay_${hex(number)}`,
    payerId: `usr_${hex(1)}`,
    payeeId: `usr_${hex(2)}`,
    amountMinor: 1_250,
    currency: 'EUR',
    status,
    version,
    at,
  }) as PayloadOf<typeof payments.events.created>;
const change = (number: number, status: PaymentStatus, version: number) =>
  publish(payments.events[status === 'pending' ? 'created' : status], paymentOf(number, status, version));

const receivedOf = async (ids: readonly string[]) =>
  (await world.received()).filter(({ poc2_id: id }) => ids.includes(id));
const areReceived = (ids: readonly string[]) =>
  eventually(async () => {
    const received = await receivedOf(ids);
    return received.length >= ids.length && received;
  }, 15_000);
const sentAbout = (number: number) =>
  world.sent.filter(({ data }) => data['paymentId'] === `pay_${hex(number)}`);
const counts = async () =>
  Object.fromEntries(
    (
      await world.db.query<{ name: string; count: string }>(
        "select direction || ' ' || outcome as name, sum(count) as count from message_counts group by 1",
      )
    ).map(({ name, count }) => [name, Number(count)]),
  );

beforeAll(async () => {
  world = await startBridgeWorld(await throwAwayVhost('poc2-bridge'), async (event, { db, outbox }) => {
    if (event !== 'poc2-bridge.payment-failed') return;
    // A service of ours that does the same because of what POC-2 said.
    const payload = paymentOf(99, 'failed', 2);
    await db.transaction((tx) => outbox.add(tx, payments.events.failed, payload));
  });
  first = await world.bridges.start();
}, 60_000);
afterAll(() => world.stop(), 30_000);

describe('one bridge', () => {
  it('makes an event of each message of POC-2, by either name', async () => {
    const ids: string[] = [];
    const expected: string[] = [];
    for (const [kind, names] of Object.entries(CHANNELS))
      for (const channel of Object.values(names)) {
        if (kind === 'paymentFailed') continue;
        ids.push(await say(channel));
        expected.push(`poc2-bridge.${kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
      }
    expect((await areReceived(ids)).map(({ event }) => event)).toEqual(expected);
    expect(await register.getSingleMetricAsString('payloom_poc2_messages_total')).toMatch(
      /direction="from-poc2",event="paymentCreated",outcome="passed"} 2/,
    );
  }, 20_000);

  it('sends POC-2 our events by the names of both schemes', async () => {
    await change(1, 'pending', 1);
    await change(1, 'completed', 2);
    await publish(auth.events.sessionStarted, {
      sessionId: `ses_${hex(1)}`,
      userId: `usr_${'1'.repeat(32)}`,
      device: 'd',
      kind: 'program',
      address: null,
      method: 'password',
      knownDevice: true,
      at,
    } as never);
    await eventually(() => sentAbout(1).length === 4 && world.sent.length === 6);
    const [created] = sentAbout(1);
    expect(sentAbout(1).map(({ channel }) => channel)).toEqual([
      'payments:payment:created',
      'payment:created',
      'payments:payment:completed',
      'payment:completed',
    ]);
    expect(created).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      data: { paymentId: `pay_${hex(1)}`, userId: `usr_${hex(1)}`, amount: 12.5, type: 'instant' },
    });
    expect(world.sent.find(({ channel }) => channel === 'user:login')?.data).toEqual({
      userId: `usr_${'1'.repeat(32)}`,
      email: 'customer@example.com',
      role: 'CUSTOMER',
    });
  }, 20_000);

  it('makes dead letters of unknown and malformed messages, with their bytes', async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);
    await world.poc2.publish('payments:payment:refunded', '{"id":"1"}');
    await world.poc2.publish('payment:created', 'not JSON');
    await world.poc2.publish('payment:created', bytes);
    await world.poc2.publish('payment:created', 'é'.repeat(150_000));
    await say('payment:created', {}, { amount: null });
    await say('payment:created', { type: 'payment:updated' });
    await say('payment:created', { id: 'a b' });
    const letters = await eventually(async () => {
      const all = await world.deadLetters.list();
      return all.length >= 7 && all;
    }, 20_000);
    const shown = letters.map(({ event, cause, payload }) => ({ event, cause, ...JSON.parse(payload) }));
    expect(shown.map(({ cause }) => cause).sort()).toEqual([
      expect.stringMatching(/^POC-2 is not known to have the channel payments:payment:refunded/),
      expect.stringMatching(/^data: amount: /),
      expect.stringMatching(/^id: is not an id/),
      expect.stringMatching(/^it has more than .* of 300000 bytes, SHA-256 [0-9a-f]{64}, only the beginning/),
      'it is not JSON',
      'it is not UTF-8',
      'its type is payment:updated, its channel payment:created',
    ]);
    expect(shown.find(({ cause }) => cause === 'it is not JSON')).toMatchObject({
      event: 'poc2-bridge.refused',
      channel: 'payment:created',
      text: 'not JSON',
    });
    const binary = shown.find(({ cause }) => cause === 'it is not UTF-8');
    expect(Buffer.from(binary.base64, 'base64')).toEqual(bytes);
  }, 30_000);

  it('lets nothing come back: neither what POC-2 repeats nor what we do because of it', async () => {
    const before = (await world.received()).length;
    // A service of POC-2 that says again, under its own name, all that it receives.
    const repeater = world.poc2.duplicate();
    repeater.on('message', (_channel: string, text: string) => {
      const received = JSON.parse(text) as { type: string };
      const again = { ...received, type: 'payment:completed', source: 'poc2-repeater' };
      void world.poc2.publish('payment:completed', JSON.stringify(again));
    });
    await repeater.subscribe('payments:payment:completed');
    await change(3, 'completed', 1);
    const id = await say('payment:failed');
    await areReceived([id]);
    await eventually(async () => {
      const metric = await register.getSingleMetricAsString('payloom_poc2_messages_total');
      const theirs = /direction="from-poc2",event="paymentCompleted",outcome="duplicate"} 1$/m.test(metric);
      return theirs && (await counts())['to-poc2 echo'] === 1;
    }, 15_000);
    repeater.disconnect();
    expect(sentAbout(99)).toEqual([]);
    expect(sentAbout(3).map(({ channel }) => channel)).toEqual([
      'payments:payment:completed',
      'payment:completed',
    ]);
    expect(await world.received()).toHaveLength(before + 1);
  }, 30_000);

  it('sends the changes of a payment in their order, in whatever order the bus delivers them', async () => {
    await change(5, 'completed', 3);
    await change(5, 'processing', 2);
    await change(5, 'pending', 1);
    await eventually(() => sentAbout(5).length === 6, 10_000);
    expect(sentAbout(5).map(({ channel }) => channel.split(':').at(-1))).toEqual([
      ...['created', 'created', 'updated', 'updated', 'completed', 'completed'],
    ]);
  }, 20_000);

  it('goes on with other channels where Redis refuses some, and is not healthy meanwhile', async () => {
    const { state } = first.service('poc2-bridge') as unknown as BridgeService;
    await state.check();
    await world.poc2.acl('SETUSER', 'bridge', 'resetchannels', '&payment:*');
    await change(8, 'pending', 1);
    await eventually(async () => (await counts())['to-poc2 refused'] === 1, 10_000);
    expect(sentAbout(8).map(({ channel }) => channel)).toEqual(['payment:created']);
    await expect(state.check()).rejects.toThrow();
    await world.poc2.acl('SETUSER', 'bridge', 'allchannels');
    await world.subscribed(1);
    await areReceived([await say('payment:completed')]);
    await state.check();
  }, 30_000);

  it('keeps what POC-2 has not received while its Redis is away', async () => {
    await world.redis.kill();
    await change(6, 'pending', 1);
    const waiting = () => world.db.query('select from to_poc2');
    await eventually(async () => (await waiting()).length === 1);
    const { 'to-poc2 passed': before = 0 } = await counts();
    await world.redis.start();
    await world.subscribed(1);
    await eventually(async () => (await waiting()).length === 0, 10_000);
    expect((await counts())['to-poc2 passed']).toBe(before + 1);
  }, 30_000);
});

it('no bridge loses what POC-2 publishes meanwhile, and nothing of ours', async () => {
  await world.bridges.stop(first);
  const away: string[] = [];
  for (let number = 0; number < 100; number++) away.push(await say('payment:completed'));
  await change(7, 'pending', 1);
  first = await world.bridges.start();
  await areReceived([await say('payment:completed')]);
  await eventually(() => sentAbout(7).length === 2);
  // Redis Pub/Sub keeps nothing for a subscriber that is away.
  expect(away.length - (await receivedOf(away)).length).toBe(100);
}, 30_000);

it('two bridges pass each message once, in its order, both ways, though one is killed', async () => {
  const kill = await world.bridges.spawn();
  const ids: string[] = [];
  const step = async (number: number, status: 'pending' | 'completed', version: number) => {
    ids.push(await say('payment:updated', {}, { paymentId: `old-${number % 20}` }));
    await change(1_000 + number, status, version);
  };
  for (let number = 0; number < 100; number++) await step(number, 'pending', 1);
  await kill();
  for (let number = 0; number < 100; number++) await step(number, 'completed', 2);
  expect((await areReceived(ids)).map(({ poc2_id: id }) => id)).toEqual(ids);
  const numbers = Array.from({ length: 100 }, (_value, number) => 1_000 + number);
  // One that is killed between publishing and its commit publishes again, with the same ids.
  const namesOf = (number: number) => [
    ...new Map(
      sentAbout(number).map(({ id, channel }) => [`${id} ${channel}`, channel.split(':').at(-1)]),
    ).values(),
  ];
  await eventually(() => numbers.every((number) => namesOf(number).length === 4), 20_000);
  expect(new Set(numbers.map((number) => namesOf(number).join()))).toEqual(
    new Set(['created,created,completed,completed']),
  );
}, 60_000);
