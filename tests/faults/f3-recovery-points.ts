import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../system/accounts.ts';
import { type Api, retry } from '../system/client.ts';
import { seeded, until } from '../system/timing.ts';
import { payment } from './load.ts';
import type { StackFault } from './fault.ts';
import { holdLock, lockKeys, type Hold } from './locks.ts';
import type { System } from './system.ts';

/** The state of a payment when both payments processes are killed. */
type Point = {
  name: string;
  /** The processor's fault for this payment's first requests of a kind, which keeps it in this state. */
  fault?: {
    operation: 'create' | 'capture' | 'cancel';
    slowMs?: number;
    failAfterCharging?: 'timeout';
    refuse?: { status: number; code: string };
  };
  card?: string;
  /** The payer cancels it during the processor's request. */
  cancelled?: true;
  /** Its row is locked during the processor's request: the next transaction blocks before its commit. */
  locked?: true;
  /** The key's row is locked: the transaction that opens the payment blocks. */
  unopened?: true;
  /** SQL condition over the payment `p` that holds in this state. */
  stands: string;
  /** The status of the processor's payment intent in this state. */
  intent?: 'requires_capture' | 'succeeded' | 'canceled';
};

/** Just below the processor timeout of 2 s. */
const SLOW_MS = 1_900;
const ANSWER_MS = 500;
/** How long a payment that is to be cancelled stays pending: a busy machine needs a moment to see it. */
const CANCEL_WITHIN_MS = 1_200;
const due = (condition: string) =>
  `exists (select from processor_operations o where o.payment_id = p.id and ${condition})`;
const requested = (step: string) => due(`o.step = '${step}' and o.claim is not null`);
const isOver = `not ${due("o.step <> 'done'")}`;

const POINTS: readonly Point[] = [
  { name: 'opening, not committed', unopened: true, stands: 'false' },
  { name: 'opened, not yet requested', stands: 'true' },
  { name: 'authorizing', fault: { operation: 'create', slowMs: SLOW_MS }, stands: requested('authorize') },
  {
    name: 'authorized, answer unseen',
    fault: { operation: 'create', failAfterCharging: 'timeout' },
    stands: requested('authorize'),
    intent: 'requires_capture',
  },
  {
    name: 'authorized, not committed',
    fault: { operation: 'create', slowMs: ANSWER_MS },
    locked: true,
    stands: requested('authorize'),
  },
  {
    name: 'declined, not committed',
    fault: { operation: 'create', slowMs: ANSWER_MS },
    card: 'pm_card_chargeDeclined',
    locked: true,
    stands: requested('authorize'),
  },
  { name: 'capturing', fault: { operation: 'capture', slowMs: SLOW_MS }, stands: requested('capture') },
  {
    name: 'captured, answer unseen',
    fault: { operation: 'capture', failAfterCharging: 'timeout' },
    stands: requested('capture'),
    intent: 'succeeded',
  },
  {
    name: 'captured, not committed',
    fault: { operation: 'capture', slowMs: ANSWER_MS },
    locked: true,
    stands: requested('capture'),
  },
  {
    name: 'cancelled while authorizing',
    fault: { operation: 'create', slowMs: SLOW_MS },
    cancelled: true,
    stands: `p.status = 'cancelled' and ${due("o.kind = 'reversal' and o.step <> 'done'")}`,
  },
  {
    name: 'giving back, answer unseen',
    fault: { operation: 'cancel', failAfterCharging: 'timeout' },
    cancelled: true,
    stands: requested('reverse'),
    intent: 'canceled',
  },
  {
    name: 'giving back, refused once',
    fault: { operation: 'cancel', refuse: { status: 400, code: 'intent_invalid_state' } },
    cancelled: true,
    stands: due("o.stuck is not null and o.step = 'reverse'"),
    intent: 'requires_capture',
  },
  {
    name: 'capture refused, giving back',
    fault: { operation: 'capture', refuse: { status: 400, code: 'charge_expired_for_capture' } },
    stands: `p.status = 'failed' and ${due("o.kind = 'reversal'")}`,
  },
  {
    name: 'waiting for a slow bank',
    card: 'pm_card_pending',
    stands: due("o.step = 'await'"),
  },
];

type Standing = { point: Point; key: string; amountMinor: number; id: string; holdLock: Hold | null };

const TERMINAL_MS = 10_000;

const reaches = async (system: System, id: string, sql: string): Promise<boolean> => {
  const { rowCount } = await system
    .database('payments')
    .query(`select from payments p where p.id = $1 and (${sql})`, [id]);
  return rowCount === 1;
};

const stands = async (system: System, id: string, point: Point): Promise<boolean> => {
  if (!(await reaches(system, id, point.stands))) return false;
  if (!point.intent) return true;
  const { rowCount } = await system
    .database('sandbox')
    .query("select from payment_intents where metadata ->> 'payment_id' = $1 and status = $2", [
      id,
      point.intent,
    ]);
  return rowCount === 1;
};

/** Brings one payment to its recovery point. */
const bring = async (system: System, client: Api, standing: Standing): Promise<void> => {
  const { point, key, amountMinor } = standing;
  const { fault, card, cancelled, locked, unopened } = point;
  if (fault) {
    const { operation, ...how } = fault;
    await system.injectFault({ ...how, times: 1, matching: { amount: amountMinor, operation } });
  }
  if (cancelled && fault?.operation === 'cancel')
    await system.injectFault({
      slowMs: CANCEL_WITHIN_MS,
      times: 1,
      matching: { amount: amountMinor, operation: 'create' },
    });
  const headers = { 'idempotency-key': key };
  const ask = client.post('/api/payments', payment(amountMinor, card), headers).catch(() => null);
  if (unopened) return;
  const answer = await ask;
  if (answer?.status !== 201) throw new Error(`${point.name}: answered ${answer?.status}: ${answer?.text}`);
  standing.id = String(answer.body['id']);
  system.ack(key, standing.id, 201);
  if (cancelled) {
    await until(`${point.name}: requested`, 2_000, () =>
      reaches(system, standing.id, requested('authorize')),
    );
    const { status } = await client.post(`/api/payments/${standing.id}/cancel`);
    if (status !== 200) throw new Error(`${point.name}: cancel answered ${status}`);
  }
  await until(point.name, 3_000, () => stands(system, standing.id, point));
  if (locked)
    standing.holdLock = await holdLock(system, [
      'select from payments where id = $1 for update',
      [standing.id],
    ]);
};

/** Waits until a payment has ended. @returns milliseconds since the kill */
const end = async (system: System, client: Api, standing: Standing, killedMs: number): Promise<number> => {
  const { point, key, amountMinor } = standing;
  if (standing.id === '') {
    const headers = { 'idempotency-key': key };
    const body = payment(amountMinor, point.card);
    const { answer } = await retry((at) => client.post('/api/payments', body, headers, at));
    standing.id = String(answer.body['id']);
    system.ack(key, standing.id, answer.status);
  }
  const leftMs = TERMINAL_MS - (Date.now() - killedMs);
  await until(`${point.name} (${standing.id}): terminal`, leftMs, () => reaches(system, standing.id, isOver));
  return Date.now() - killedMs;
};

/** Kills both replicas with a payment at every point. @returns milliseconds until each payment ended */
const crash = async (system: System, client: Api, label: string, random: () => number) => {
  const points = POINTS.filter(({ card }) => system.isOurs || card !== 'pm_card_pending');
  const standings = points.map((point, index): Standing => ({
    point,
    key: `${label}-${index}`,
    amountMinor: 3_000 + index,
    id: '',
    holdLock: null,
  }));
  const unopened = await lockKeys(
    system,
    standings.filter(({ point }) => point.unopened).map(({ key }) => key),
  );
  let killedMs = 0;
  try {
    // All of them, also where one has failed: what it locks later would stay locked for the next faults.
    const brought = await Promise.allSettled(standings.map((standing) => bring(system, client, standing)));
    const failed = brought.find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
    // The processor answers the requests whose rows are locked.
    await sleep(ANSWER_MS - 200 + random() * 400);
    await Promise.all([system.signal('payments-1', 'SIGKILL'), system.signal('payments-2', 'SIGKILL')]);
    killedMs = Date.now();
  } finally {
    await Promise.all(
      [unopened, ...standings.map(({ holdLock: held }) => held)].map((held) => held?.release()),
    );
  }
  return Promise.all(standings.map((standing) => end(system, client, standing, killedMs)));
};

export const recoveryPoints: StackFault = {
  on: 'stack',
  name: 'F3-recovery-points',
  title: `kill -9 of all payments processes, a payment at each of ${POINTS.length} recovery points, × 20`,
  run: async (system, { seed, short }) => {
    const random = seeded(seed);
    const client = await signIn(system.urls);
    const rounds = short ? 1 : 20;
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      took.push(...(await crash(system, client, `f3-${seed}-${round}`, random)));
      await system.injectFault(null);
      await system.ready();
    }
    return `${took.length} crashes at ${POINTS.length} points, terminal within ${Math.max(...took)} ms`;
  },
};
