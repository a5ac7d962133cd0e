import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadQueueOf, queueOf } from '../../broker/events/topology.ts';
import { newId } from '../../broker/process/ids.ts';
import { signIn, signInAgain, CUSTOMER } from '../system/accounts.ts';
import type { Api } from '../system/client.ts';
import { inParallel } from '../system/timing.ts';
import { openEvents } from './events.ts';
import { alertsOf, openEdge } from './firing.ts';
import type { Run, StackFault } from './fault.ts';
import { pay } from './load.ts';
import { lockKeys } from './locks.ts';
import type { StackNeeds, System } from './system.ts';

/** A bank that answers later than a payment may stay open. */
const BANK_MS = 220_000;
const POOL = 2;
/** Longer than one alert needs, and longer than the window of five minutes that two of them look back. */
const FIRES_LIMIT_MS = 60_000;
const OUTBOX_LIMIT_MS = 120_000;
const STUCK_LIMIT_MS = 260_000;
const ENDS_LIMIT_MS = 420_000;
/** Longer than a revocation may take, shorter than a process counts as lost. */
const FROZEN_MS = 1_400;
const DECLINED = 'pm_card_chargeDeclined';

/** Where an edge shows a certificate of its own. */
const EDGE_PORT = randomInt(20_000, 30_000);

const needs: StackNeeds = {
  observe: true,
  replicas: { gateway: 1, payments: 1, profile: 2, realtime: 1 },
  env: {
    prometheus: { SCRAPE_SECONDS: '2', FOR_SECONDS: '0' },
    gateway: { EDGE_ADDRESS: `127.0.0.1:${EDGE_PORT}` },
    payments: { PAYMENTS_POOL_SIZE: String(POOL) },
    'processor-sandbox': { SANDBOX_PENDING_MS: String(BANK_MS) },
  },
};

/** The relays of payments can read no row of their outbox, until the returned function is called. */
const blockRelay = async (system: System): Promise<() => Promise<unknown>> => {
  const db = system.database('payments');
  await db.query('revoke delete on outbox from current_user');
  return () => db.query('grant delete on outbox to current_user');
};

/** A revocation while a process is frozen. */
const revokeLate = async (system: System): Promise<void> => {
  const person = await signInAgain(system.urls, { id: '', email: CUSTOMER });
  await system.signal('realtime-1', 'SIGSTOP');
  await person.api.post('/api/auth/logout');
  await sleep(FROZEN_MS);
  await system.signal('realtime-1', 'SIGCONT');
};

/** Every connection of payments waits for a lock; further requests wait for a connection. */
const exhaustPools = async (system: System, client: Api, label: string): Promise<void> => {
  const keys = Array.from({ length: POOL * 12 }, (_unused, index) => `f17p-${label}-${index}`);
  const held = await lockKeys(system, keys);
  try {
    const body = { payee: { email: 'vendor@example.com' }, amountMinor: 700, currency: 'EUR' };
    await inParallel(keys.length, keys.length, async (index) => {
      const headers = { 'idempotency-key': keys[index] ?? '' };
      await client.post('/api/payments', { ...body, paymentMethod: 'pm_card_visa' }, headers, index);
    });
  } finally {
    await held.release();
  }
};

const payMany = (system: System, client: Api, label: string, count: number, card?: string) =>
  inParallel(count, 4, async (index) => {
    await pay(system, client, { key: `${label}-${index}`, amountMinor: 800 + index, card });
  });

/** So many quick answers that the slow ones become a small share of all. */
const answerQuickly = (client: Api, count: number) =>
  inParallel(count, 4, async (index) => {
    await client.get('/api/payees/recent', index);
  });

/** On a busy machine also quick requests are slow at times, so there are as many as it takes. */
const untilFast = async (client: Api, alerts: ReturnType<typeof alertsOf>): Promise<void> => {
  const endMs = performance.now() + ENDS_LIMIT_MS;
  do await answerQuickly(client, 500);
  while ((await alerts.firing()).has('LatencyBudgetBurn') && performance.now() < endMs);
};

const poison = async (system: System): Promise<() => Promise<void>> => {
  const { channel, close } = await openEvents(system);
  const options = { type: 'auth.user-changed', messageId: newId('event', Date.now()), userId: 'operator' };
  channel.publish('', queueOf('profile'), Buffer.from('not JSON'), options);
  await channel.waitForConfirms();
  return async () => {
    await channel.purgeQueue(deadQueueOf('profile'));
    await close();
  };
};

const SOON = ['CertificateExpiring', 'DeadLetters', 'ReplicaMissing', 'RevocationSlow', 'PoolExhausted'];
const SLOW = ['LatencyBudgetBurn', 'LatencyBudgetBurnSlow'];
const ALL = [...SOON, ...SLOW, 'PaymentsFailing', 'OutboxAgeing', 'PaymentsStuck'];

const fireAll = async (system: System, { seed }: Run, edge: Awaited<ReturnType<typeof openEdge>>) => {
  const alerts = alertsOf(system.stack.prometheus);
  const client = await signIn(system.urls);
  // Right after the start the processes were not there yet.
  await alerts.ends(
    ALL.filter((name) => name !== 'CertificateExpiring'),
    FIRES_LIMIT_MS,
  );

  await pay(system, client, { key: `f17-${seed}-slow`, amountMinor: 600, card: 'pm_card_pending' });
  const unblockRelay = await blockRelay(system);
  try {
    await pay(system, client, { key: `f17-${seed}-event`, amountMinor: 601, card: DECLINED });
    const cleanUp = await poison(system);
    await system.stack.stop('profile-2');
    await alerts.seen('payloom_payments_total{status="failed"}');
    for (let times = 0; times < 3; times++) await revokeLate(system);
    // Twice each: Prometheus counts from the first value that it reads of a status.
    await answerQuickly(client, 10);
    await exhaustPools(system, client, `${seed}-first`);
    await alerts.seen('payloom_http_request_seconds_count{status="503"}');
    await answerQuickly(client, 100);
    await exhaustPools(system, client, `${seed}-second`);
    const soonMs = await alerts.fires([...SOON, ...SLOW], FIRES_LIMIT_MS);
    await payMany(system, client, `f17-${seed}-declined`, 12, DECLINED);
    await alerts.fires(['PaymentsFailing'], FIRES_LIMIT_MS);
    await alerts.fires(['OutboxAgeing'], OUTBOX_LIMIT_MS);

    edge.renew(90);
    await cleanUp();
    await system.stack.start('profile-2');
    await unblockRelay();
    await payMany(system, client, `f17-${seed}-good`, 40);
    await untilFast(client, alerts);
    const repaired = ['CertificateExpiring', 'DeadLetters', 'ReplicaMissing', 'OutboxAgeing'];
    // LatencyBudgetBurnSlow looks back for three days.
    await alerts.ends([...repaired, 'PaymentsFailing', 'LatencyBudgetBurn'], FIRES_LIMIT_MS);
    await alerts.fires(['PaymentsStuck'], STUCK_LIMIT_MS);
    const endedMs = await alerts.ends(['PaymentsStuck', 'RevocationSlow', 'PoolExhausted'], ENDS_LIMIT_MS);
    const first = `${SOON.length + SLOW.length} alerts fired within ${soonMs} ms`;
    return `${first}, three later; all but that of three days ended, the last after ${endedMs} ms more`;
  } finally {
    await unblockRelay();
    await system.stack.start('profile-2');
  }
};

export const alerts: StackFault = {
  on: 'stack',
  name: 'F17-alerts',
  title: 'each alert but that of the disk fires for a real cause, and ends after it; six minutes',
  needs,
  run: async (system, run) => {
    if (!system.isOurs) return 'left out: it needs a stack of its own';
    const edge = await openEdge(EDGE_PORT, 3);
    try {
      return await fireAll(system, run, edge);
    } finally {
      edge.close();
    }
  },
};
