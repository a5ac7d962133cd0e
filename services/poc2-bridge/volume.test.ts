// BRIDGE_MESSAGES=100000 npm run jest -- services/poc2-bridge/volume prints the figures of a large run.
import { processEnv } from '../../broker/process/config.ts';
import { throwAwayVhost } from '../../broker/testing/rabbitmq.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { addToOutbox } from './persistence/passed.ts';
import { startBridgeWorld, type BridgeWorld } from './testing/start-bridge.ts';

const MESSAGES = Number(processEnv()['BRIDGE_MESSAGES'] || 1_000);
/** Of one payment: created, processing, completed, failed. */
const CHANGES = 4;
const BATCH = 500;
const LIMIT_MS = 20_000 + MESSAGES * 30;

const hex = (number: number): string => number.toString(16).padStart(32, '0');
const at = '2026-11-30T12:00:00.000Z';

let world: BridgeWorld;
let receipts = 0;
beforeAll(async () => {
  world = await startBridgeWorld(await throwAwayVhost('poc2-bridge-volume'), async () => {
    receipts += 1;
  });
  await world.bridges.start();
  await world.bridges.start();
}, 60_000);
afterAll(() => world.stop(), 60_000);

const events = [
  payments.events.created,
  payments.events.processing,
  payments.events.completed,
  payments.events.failed,
];
const statuses = ['pending', 'processing', 'completed', 'failed'] as const;

const publishOurs = async (): Promise<void> => {
  const { db, outbox } = world.ours.service('payments');
  for (let from = 0; from < MESSAGES; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, MESSAGES - from) }, (_value, at_) => {
      // All payments of a hundred are created before they change.
      const number = from + at_;
      const [block, place] = [Math.floor(number / (100 * CHANGES)), number % (100 * CHANGES)];
      const change = Math.floor(place / 100);
      return outbox.row(
        events[change] as (typeof events)[0],
        {
          id: `pay_${hex(block * 100 + (place % 100))}`,
          payerId: `usr_${hex(1)}`,
          payeeId: `usr_${hex(2)}`,
          amountMinor: 1_250,
          currency: 'EUR',
          status: statuses[change],
          version: change + 1,
          at,
        } as never,
      );
    });
    await db.transaction((tx) => addToOutbox(tx, rows));
    outbox.wake();
  }
};

const publishTheirs = async (): Promise<void> => {
  for (let from = 0; from < MESSAGES; from += BATCH) {
    const pipeline = world.poc2.pipeline();
    for (let number = from; number < Math.min(from + BATCH, MESSAGES); number++) {
      const channel = number % 2 === 0 ? 'payment:completed' : 'payments:payment:completed';
      const data = { paymentId: `old-${number % 997}` };
      const message = { id: `m-${number}`, type: channel, timestamp: at, source: 'poc2', data };
      pipeline.publish(channel, JSON.stringify(message));
    }
    await pipeline.exec();
  }
};

it(
  `two bridges pass ${MESSAGES} messages each way at once: none lost, none doubled, none back`,
  async () => {
    const startedMs = performance.now();
    const secondsOf = async (isDone: () => Promise<boolean> | boolean): Promise<number> => {
      await eventually(isDone, LIMIT_MS);
      return (performance.now() - startedMs) / 1_000;
    };
    const [, , outS, inS] = await Promise.all([
      publishOurs(),
      publishTheirs(),
      secondsOf(() => world.sent.length >= MESSAGES * 2),
      secondsOf(() => receipts >= MESSAGES),
    ]);
    const received = await eventually(async () => {
      const all = await world.received();
      return all.length >= MESSAGES && all;
    });
    const { sent } = world;
    const versions = new Map<string, number>();
    const steps = ['created', 'updated', 'completed', 'failed'];
    for (const { channel, data } of sent) {
      const key = `${String(data['paymentId'])} ${channel.split(':').length}`;
      const step = steps.indexOf(channel.split(':').at(-1) ?? '');
      expect(step).toBe((versions.get(key) ?? -1) + 1);
      versions.set(key, step);
    }
    expect(received.map(({ poc2_id: id }) => id)).toEqual(
      Array.from({ length: MESSAGES }, (_value, number) => `m-${number}`),
    );
    expect(sent).toHaveLength(MESSAGES * 2);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(MESSAGES);
    expect(await world.db.query("select * from message_counts where outcome <> 'passed'")).toEqual([]);
    const rates = [outS, inS].map((seconds) => Math.round(MESSAGES / seconds));
    process.stdout.write(
      `bridge: ${MESSAGES} events to POC-2 by two names, ${rates[0]}/s; ${MESSAGES} of POC-2 to our ` +
        `services, ${rates[1]}/s; 0 lost, 0 doubled, 0 loops\n`,
    );
  },
  LIMIT_MS + 30_000,
);
