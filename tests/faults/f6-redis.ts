import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { signIn } from '../system/accounts.ts';
import { until } from '../system/timing.ts';
import { assertNoUnexpectedErrors, p99Ms, type Request, startLoad } from './load.ts';
import type { StackFault } from './fault.ts';
import type { System } from './system.ts';

const CALM_PAYMENTS = 400;
/** A p99 below this is noise of the machine. */
const NOISE_MS = 25;

/** Pays until `count` payments are made and `forMs` have passed. */
const payFor = async (system: System, label: string, count: number, forMs: number) => {
  const client = await signIn(system.urls);
  const load = startLoad(system, client, { label, width: 4, pauseMs: 5 });
  const endMs = Date.now() + forMs;
  await until(`${count} payments`, 60_000, () => load.requests.length >= count && Date.now() >= endMs);
  return load.stop();
};

const flush = async (system: System): Promise<void> => {
  const redis = new Redis(system.env['REDIS_URL'] ?? '', { lazyConnect: true });
  await redis.connect();
  await redis.flushall();
  redis.disconnect();
};

/** Each way to lose Redis: how it begins and how it ends. */
export const REDIS_AWAY: Record<
  string,
  { begin: (system: System) => Promise<unknown>; end: (system: System) => Promise<unknown> }
> = {
  stopped: { begin: ({ stack }) => stack.stop('redis'), end: ({ stack }) => stack.start('redis') },
  flushed: { begin: flush, end: flush },
  paused: {
    begin: (system) => system.signal('redis', 'SIGSTOP'),
    end: (system) => system.signal('redis', 'SIGCONT'),
  },
};

export const loseRedis: StackFault = {
  on: 'stack',
  name: 'F6-lose-redis',
  title: 'Redis stopped, flushed, paused for 10 s (short: paused for 4 s) while requests are counted in it',
  run: async (system, { seed, short }) => {
    const ways = Object.entries(REDIS_AWAY).filter(([name]) => !short || name === 'paused');
    const forMs = short ? 4_000 : 10_000;
    await payFor(system, `f6-${seed}-warm`, 100, 0);
    const calm = [p99Ms(await payFor(system, `f6-${seed}-before`, CALM_PAYMENTS, 0))];
    const figures: { name: string; ms: number; count: number }[] = [];
    for (const [name, { begin, end }] of ways) {
      await begin(system);
      let requests: readonly Request[];
      try {
        requests = await payFor(system, `f6-${seed}-${name}`, CALM_PAYMENTS, forMs);
      } finally {
        await end(system);
      }
      assertNoUnexpectedErrors(requests);
      const failed = requests.filter(({ tries }) => tries > 1).length;
      if (failed > 0) throw new Error(`${failed} payments failed while Redis was ${name}`);
      figures.push({ name, ms: p99Ms(requests), count: requests.length });
      await system.ready();
      await sleep(500);
      calm.push(p99Ms(await payFor(system, `f6-${seed}-after-${name}`, CALM_PAYMENTS, 0)));
    }
    const limitMs = 2 * Math.max(NOISE_MS, ...calm);
    const figure = figures
      .map(({ name, ms, count }) => `${name}: 0 of ${count} failed, p99 ${ms} ms`)
      .join('; ');
    if (figures.some(({ ms }) => ms > limitMs)) throw new Error(`${figure}; calm ${calm.join(', ')} ms`);
    return `${figure}; calm p99 ${calm.join(', ')} ms, limit ${limitMs} ms`;
  },
};
