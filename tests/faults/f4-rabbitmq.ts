import { setTimeout as sleep } from 'node:timers/promises';
import { portAnswers } from '../../scripts/stack/spawn-unit.ts';
import { signIn } from '../system/accounts.ts';
import { retry } from '../system/client.ts';
import { until } from '../system/timing.ts';
import {
  assertNoUnexpectedErrors,
  assertOneRetry,
  errorCounts,
  firstAnswerMs,
  longestGapMs,
  payment,
  slowestMs,
  startLoad,
  untilAnswered,
} from './load.ts';
import { assertConsumers, waitForEmptyOutbox, assertEventsFlow } from './events.ts';
import type { Run, StackFault } from './fault.ts';
import { countLockWaits, lockKeys } from './locks.ts';
import type { System } from './system.ts';

const BACK_LIMIT_MS = 2_000;
const AMQP_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

/** Waits until RabbitMQ accepts connections. @returns the time */
const rabbitmqIsUp = async (system: System, broker = 1): Promise<number> => {
  const { address } = await system.unit(`rabbitmq-${broker}`);
  const port = Number(address.split(':').at(-1));
  await until('RabbitMQ is up', 60_000, () => portAnswers(port, AMQP_HEADER, null));
  return Date.now();
};

/** Takes RabbitMQ away under load; afterwards every process consumes and every event is published. */
const without = async (
  system: System,
  label: string,
  away: () => Promise<unknown>,
  back: () => Promise<unknown>,
): Promise<string> => {
  const client = await signIn(system.urls);
  const load = startLoad(system, client, { label, width: 6, reads: ['/api/payments?limit=5'], pauseMs: 20 });
  await until('the load runs', 5_000, () => load.requests.length > 50);
  const goneMs = Date.now();
  await away();
  const coming = back();
  const upMs = await rabbitmqIsUp(system);
  await coming;
  await until('requests are answered again', 10_000, () =>
    load.requests.some(({ startedMs, endedMs }) => startedMs > goneMs + 100 && endedMs > upMs),
  );
  const readyMs = (await system.ready(), Date.now() - upMs);
  await untilAnswered(load, 40);
  const requests = await load.stop();
  assertNoUnexpectedErrors(requests);
  const backMs = firstAnswerMs(requests, upMs);
  if (backMs >= BACK_LIMIT_MS) throw new Error(`back ${backMs} ms after RabbitMQ was up`);
  const outboxMs = await waitForEmptyOutbox(system);
  const handledMs = await assertEventsFlow(system);
  await assertConsumers(system);
  return (
    `away ${upMs - goneMs} ms; first answer ${backMs} ms, all ready ${readyMs} ms after it was up; ` +
    `slowest answer ${slowestMs(requests)} ms; ${errorCounts(requests)}; ` +
    `outbox drained ${outboxMs} ms later; ` +
    `all processes consume, events handled in ${handledMs} ms`
  );
};

export const stopRabbitmq: StackFault = {
  on: 'stack',
  name: 'F4-stop-rabbitmq',
  title: 'RabbitMQ stopped for 5 s under load',
  run: (system, { seed }) =>
    without(
      system,
      `f4s-${seed}`,
      async () => {
        await system.stack.stop('rabbitmq-1');
        await sleep(5_000);
      },
      () => system.stack.start('rabbitmq-1'),
    ),
};

export const killRabbitmq: StackFault = {
  on: 'stack',
  name: 'F4-kill-rabbitmq',
  title: 'kill -9 of RabbitMQ under load',
  run: (system, { seed }) =>
    without(
      system,
      `f4k-${seed}`,
      () => system.signal('rabbitmq-1', 'SIGKILL'),
      () => sleep(0),
    ),
};

/** Runs `cut` while handlers are blocked in their transactions; retries may replace expired ones. */
const cutInFlight = async (system: System, cut: () => Promise<unknown>): Promise<void> => {
  let cutting = true;
  let seen = 0;
  const poll = async () => {
    for (; cutting; await sleep(50)) seen = Math.max(seen, await countLockWaits(system));
  };
  await until('a handler is in flight', 10_000, async () => (await countLockWaits(system)) > 0);
  const polling = poll();
  await cut().finally(() => (cutting = false));
  await polling;
  if (seen === 0) throw new Error('no handler was in flight when it was cut');
};

/** Payments blocked in their transactions while their connection or channel is closed: one effect each. */
const inFlight = async (
  system: System,
  { seed, label, cut }: { seed: number; label: string; cut: () => Promise<unknown> },
): Promise<string> => {
  const client = await signIn(system.urls);
  const keys = Array.from({ length: 6 }, (_, index) => `${label}-held-${seed}-${index}`);
  const held = await lockKeys(system, keys);
  const slow = keys.map((key, index) =>
    retry(
      (at) => client.post('/api/payments', payment(5_000 + index), { 'idempotency-key': key }, at),
      index,
    ),
  );
  const load = startLoad(system, client, { label: `${label}-${seed}`, width: 4 });
  try {
    await until('the load runs', 5_000, () => load.requests.length > 20);
    await cutInFlight(system, cut);
  } finally {
    await held.release();
  }
  const cutMs = Date.now();
  const answers = await Promise.all(slow);
  for (const [index, { answer }] of answers.entries()) {
    if (answer.status !== 201) throw new Error(`${keys[index]} answered ${answer.status}: ${answer.text}`);
    system.ack(keys[index] ?? '', String(answer.body['id']), answer.status);
  }
  await until('requests are answered', 10_000, () =>
    load.requests.some(({ startedMs }) => startedMs > cutMs),
  );
  await system.ready();
  await untilAnswered(load, 40);
  const requests = await load.stop();
  assertNoUnexpectedErrors(requests);
  await waitForEmptyOutbox(system);
  const handledMs = await assertEventsFlow(system);
  await assertConsumers(system);
  const tries = Math.max(...answers.map((one) => one.tries));
  return (
    `${keys.length} handlers in flight, answered once each after at most ${tries} tries; ` +
    `longest gap ${longestGapMs(requests, requests[0]?.startedMs ?? 0, requests.at(-1)?.endedMs ?? 0)} ms; ` +
    `${errorCounts(requests)}; all processes consume, events handled in ${handledMs} ms`
  );
};

export const closeConnections: StackFault = {
  on: 'stack',
  name: 'F4-close-connections',
  title: 'rabbitmqctl close_all_connections with handlers in flight',
  run: (system, { seed }) =>
    inFlight(system, {
      seed,
      label: 'f4c',
      cut: () => system.stack.rabbitmqctl(['close_all_connections', '--vhost', '/', 'a fault test']),
    }),
};

/** RabbitMQ closes a channel with 406 after a misuse, such as the acknowledgement of an unknown delivery. */
const CLOSE_CHANNELS = `[exit(P, {amqp_error, precondition_failed, "a fault test", none})
  || [{pid, P}, {user, U}] <- rabbit_channel:info_all([pid, user]),
     lists:member(U, [<<"payments">>, <<"gateway">>, <<"auth">>])], ok.`;

export const closeChannels: StackFault = {
  on: 'stack',
  name: 'F4-close-channels',
  title: 'only channels closed (406 as after a misuse), connections left open, with handlers in flight',
  run: (system, { seed }) =>
    inFlight(system, { seed, label: 'f4h', cut: () => system.stack.rabbitmqctl(['eval', CLOSE_CHANNELS]) }),
};

const clusterRun = async (system: System, { seed, short }: Run): Promise<string> => {
  const figures: string[] = [];
  for (const broker of short ? [2] : [2, 3, 1]) {
    const client = await signIn(system.urls);
    const load = startLoad(system, client, { label: `f4n-${seed}-${broker}`, width: 6, pauseMs: 20 });
    await until('the load runs', 10_000, () => load.requests.length > 50);
    const killedMs = Date.now();
    await system.signal(`rabbitmq-${broker}`, 'SIGKILL');
    await sleep(3_000);
    const settledMs = Date.now();
    const busy = await load.stop();
    // A node's start takes ten seconds of a CPU, which the full load would not leave it.
    const light = startLoad(system, client, { label: `f4l-${seed}-${broker}`, width: 1, pauseMs: 200 });
    const readyMs = await system.ready(90_000);
    const requests = [...busy, ...(await light.stop())];
    assertNoUnexpectedErrors(requests);
    const during = requests.filter(({ endedMs }) => endedMs > killedMs);
    assertOneRetry(during);
    const outboxMs = await waitForEmptyOutbox(system);
    await assertEventsFlow(system);
    await assertConsumers(system, broker);
    figures.push(
      `node ${broker} killed: longest gap ${longestGapMs(requests, killedMs, settledMs)} ms, ` +
        `slowest answer ${slowestMs(during)} ms, ${errorCounts(requests)}, all ready ${readyMs} ms later, ` +
        `outbox drained ${outboxMs} ms after that`,
    );
  }
  return figures.join('; ');
};

export const killClusterNode: StackFault = {
  on: 'stack',
  name: 'F4-kill-cluster-node',
  title: 'kill -9 of one node of three of a RabbitMQ cluster under load',
  brokers: 3,
  run: clusterRun,
};
