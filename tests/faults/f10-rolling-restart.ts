import { until } from '../system/timing.ts';
import {
  assertNoUnexpectedErrors,
  assertOneRetry,
  errorCounts,
  type Request,
  slowestMs,
  startLoad,
  untilAnswered,
} from './load.ts';
import { gapsOf, openCrowd, assertMessages } from './crowd.ts';
import { assertConsumers, waitForEmptyOutbox } from './events.ts';
import type { StackFault } from './fault.ts';

/** All services of the stack. */
const SERVICES = [
  'auth',
  'gateway',
  'payments',
  'profile',
  'admin',
  'realtime',
  'processor-sandbox',
] as const;
const READS = [
  '/api/payments?limit=5',
  '/api/auth/me',
  '/api/notifications?limit=5',
  '/api/profile/preferences',
  '/api/auth/sessions',
];
const CLIENTS = 20;
const SHOWN = 10;
/**
 * The pause of a client is so long that two cores are not busy before the first restart (at 0.2 s they are):
 * this measures the cost of a restart, not of an overloaded machine.
 */
const LONG = { requests: 10_000, sockets: 200, each: 20, pauseMs: 2_000 };
const SHORT = { requests: 500, sockets: 40, each: 10, pauseMs: 1_500 };

/** Requests that got an error response or lost an open connection; a refused connection does not count. */
const failures = (requests: readonly Request[]): Request[] =>
  requests.filter(({ before }) => before.some((one) => one !== 'ECONNREFUSED'));

export const rollingRestart: StackFault = {
  on: 'stack',
  edge: true,
  name: 'F10-rolling-restart',
  title:
    'every service restarted, one process after the other, under 20 clients and 200 sockets (short: 40), ' +
    '10,000 requests',
  run: async (system, { seed, short }) => {
    const size = short ? SHORT : LONG;
    const label = `f10-${seed}-${Date.now()}`;
    const crowd = await openCrowd(system, { label, ...size });
    const clients = crowd.payers.map(({ api }) => api);
    const load = startLoad(system, clients, {
      label,
      width: CLIENTS,
      reads: READS,
      pauseMs: size.pauseMs,
      payees: crowd.payees.map(({ email }) => email),
    });
    let restarts = 0;
    try {
      await until('the load runs', 20_000, () => load.requests.length > CLIENTS * READS.length);
      do {
        for (const service of SERVICES) {
          await system.stack.restart(service);
          restarts += 1;
        }
      } while (load.requests.length < size.requests);
      await crowd.connected();
      await untilAnswered(load, CLIENTS);
      const requests = await load.stop();
      assertNoUnexpectedErrors(requests);
      assertOneRetry(requests);
      await waitForEmptyOutbox(system);
      const posts = requests.filter(({ kind }) => kind === 'POST');
      const ids = posts.map(({ answer }) => String(answer.body['id']));
      const messages = await assertMessages(system, crowd, ids);
      await assertConsumers(system);
      const failed = failures(requests);
      const gaps = gapsOf(crowd);
      const figure =
        `${restarts} services restarted, ${failed.length} failed of ${requests.length} requests ` +
        `(${posts.length} POST), ` +
        `slowest ${slowestMs(requests)} ms; ${errorCounts(requests)}; ${size.sockets} sockets, 0 missed of ` +
        `${messages} messages, ` +
        `none twice; ${gaps.figure}`;
      const how = failed.slice(0, SHOWN).map(({ what, before }) => `${what}: ${before.join(' ')}`);
      if (failed.length > 0) throw new Error(`${figure}; ${how.join('; ')}`);
      return figure;
    } finally {
      await load.stop().catch(() => undefined);
      crowd.close();
    }
  },
};
