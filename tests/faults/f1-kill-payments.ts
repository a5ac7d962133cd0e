import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../system/accounts.ts';
import { retry } from '../system/client.ts';
import { percentile } from '../system/statistics.ts';
import { inParallel, seeded, until } from '../system/timing.ts';
import {
  assertNoUnexpectedErrors,
  assertOneRetry,
  errorCounts,
  longestGapMs,
  pay,
  payment,
  type Request,
  slowestMs,
  startLoad,
  untilAnswered,
} from './load.ts';
import type { InstanceFault, StackFault } from './fault.ts';

const PER_KILL = 100;
const RECOVERY_LIMIT_MS = 2_000;

/** Kills one replica at a random moment within each hundred payments. */
export const killPayments: StackFault = {
  on: 'stack',
  name: 'F1-kill-payments',
  title: 'kill -9 of a payments process at seeded points in 1,000 payments, clients retry with the same key',
  run: async (system, { seed, short }) => {
    const random = seeded(seed);
    const client = await signIn(system.urls);
    const kills = short ? 2 : 10;
    const all: Request[] = [];
    const recoveries: number[] = [];
    const backs: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const victim = `payments-${1 + Math.floor(random() * 2)}`;
      const killAt = Math.floor(random() * PER_KILL * 0.8);
      const round: Request[] = [];
      let killed: Promise<number> | null = null;
      let killedMs = 0;
      await inParallel(PER_KILL, 10, async (index) => {
        if (index === killAt) {
          await sleep(random() * 10);
          await system.signal(victim, 'SIGKILL');
          killedMs = Date.now();
          killed = system.ready();
          // Awaited after the round; an error of the round itself is reported first.
          killed.catch(() => undefined);
        }
        const key = `f1-${seed}-${kill}-${index}`;
        round.push(await pay(system, client, { key, amountMinor: 100 + index, first: index }));
      });
      const after = round.filter(({ endedMs }) => endedMs >= killedMs);
      recoveries.push(Math.max(slowestMs(after), longestGapMs(round, killedMs, after.at(-1)?.endedMs ?? 0)));
      backs.push((await killed) ?? 0);
      all.push(...round);
    }
    assertOneRetry(all);
    assertNoUnexpectedErrors(all);
    const recoveryMs = percentile(recoveries, 0.99);
    if (recoveryMs >= RECOVERY_LIMIT_MS) throw new Error(`recovery took ${recoveryMs} ms`);
    const retried = all.filter(({ tries }) => tries > 1).length;
    return (
      `${all.length} payments, ${kills} kills: recovery p99 ${recoveryMs} ms (p50 ` +
      `${percentile(recoveries, 0.5)}), ${retried} retried once, none more; ${errorCounts(all)}; ` +
      `process ready again within ${Math.max(...backs)} ms`
    );
  },
};

const BOTH_FROZEN_MS = 7_000;
const FROZEN_MS = 12_000;

/** Thawed processes must not execute requests whose deadline has passed. */
export const freezePayments: StackFault = {
  on: 'stack',
  name: 'F1-freeze-payments',
  title: 'SIGSTOP of both payments processes for 7 s and of one for 12 s; some clients do not retry',
  run: async (system, { seed }) => {
    const client = await signIn(system.urls);
    const load = startLoad(system, client, { label: `f1f-${seed}`, width: 4 });
    await until('the load runs', 5_000, () => load.requests.length > 20);
    const pids = [await system.signal('payments-1', 'SIGSTOP'), await system.signal('payments-2', 'SIGSTOP')];
    const frozenMs = Date.now();
    const impatient: string[] = [];
    let firstThawMs = 0;
    try {
      await inParallel(40, 40, async (index) => {
        const headers = { 'idempotency-key': `f1f-${seed}-once-${index}` };
        const asking = client.post('/api/payments', payment(700 + index), headers, index);
        const answer = await asking.catch(() => null);
        if (answer?.status === 201) system.ack(headers['idempotency-key'], String(answer.body['id']), 201);
        else impatient.push(headers['idempotency-key']);
      });
      await sleep(Math.max(0, frozenMs + BOTH_FROZEN_MS - Date.now()));
      firstThawMs = Date.now();
      process.kill(pids[1] ?? 0, 'SIGCONT');
      await sleep(Math.max(0, frozenMs + FROZEN_MS - Date.now()));
    } finally {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    }
    const thawedMs = Date.now();
    const backMs = await system.ready();
    // Expired requests are ahead of these in the queues of both processes.
    await untilAnswered(load, 200);
    const requests = await load.stop();
    assertNoUnexpectedErrors(requests);
    const { rows } = await system
      .database('payments')
      .query<{ key: string }>(
        'select key from idempotency_keys where key = any($1) and created_at >= to_timestamp($2)',
        [impatient, firstThawMs / 1_000],
      );
    if (rows.length > 0) throw new Error(`${rows.length} expired requests were executed after the thaw`);
    const during = requests.filter(
      ({ startedMs, endedMs }) => startedMs > firstThawMs + 500 && endedMs < thawedMs,
    );
    return (
      `${impatient.length} of 40 single tries given up while both were frozen, 0 executed after it; ` +
      `${during.length} payments while one was, slowest ${slowestMs(during)} ms; ready ${backMs} ms later`
    );
  },
};

/** The whole instance at once: no other process can take over. */
export const killInstance: InstanceFault = {
  on: 'instance',
  name: 'F1-kill-instance',
  title:
    'kill -9 of the embedded instance at a random moment in 200 payments, clients retry with the same key',
  run: async (instance, { seed }) => {
    const random = seeded(seed);
    const client = await signIn(instance.urls);
    const killAt = 20 + Math.floor(random() * 160);
    let answered = 0;
    let restarted: Promise<number> | null = null;
    const restart = async () => {
      await sleep(random() * 20);
      await instance.kill();
      const startedMs = Date.now();
      await instance.start();
      return Date.now() - startedMs;
    };
    let retried = 0;
    await inParallel(200, 10, async (index) => {
      const key = `kill-${seed}-${index}`;
      if (answered === killAt) restarted ??= restart();
      const ask = () => client.post('/api/payments', payment(100 + index), { 'idempotency-key': key });
      const { answer, tries } = await retry(ask);
      instance.ack(key, String(answer.body['id']), answer.status);
      if (answer.status !== 201) throw new Error(`${key} answered ${answer.status}: ${answer.text}`);
      answered += 1;
      if (tries > 1) retried += 1;
    });
    const backMs = await (restarted ?? restart());
    return `killed after ${killAt} of 200, ${retried} retried, ready again in ${backMs} ms`;
  },
};
