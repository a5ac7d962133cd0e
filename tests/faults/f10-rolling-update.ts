import { update } from '../../scripts/compose/update.ts';
import { until } from '../system/timing.ts';
import { gapsOf, openCrowd, assertMessages } from './crowd.ts';
import { waitForEmptyOutbox } from './events.ts';
import type { ContainersFault } from './fault.ts';
import { assertNoUnexpectedErrors, errorCounts, slowestMs, startLoad, untilAnswered } from './load.ts';

const READS = [
  '/api/payments?limit=5',
  '/api/auth/me',
  '/api/notifications?limit=5',
  '/api/profile/preferences',
];
/** A client makes five requests in about a second: one of them pays. */
const LONG = { clients: 40, sockets: 100, each: 20, pauseMs: 900 };
const SHORT = { clients: 10, sockets: 20, each: 5, pauseMs: 900 };
const SHOWN = 10;

/** Through nginx every error of a request counts, connection errors included. */
export const rollingUpdate: ContainersFault = {
  on: 'containers',
  name: 'F10-rolling-update',
  title:
    'every service of the containers replaced, at 200 requests/s through nginx (short: 50) and 100 sockets',
  run: async (containers, { seed, short }) => {
    const size = short ? SHORT : LONG;
    const label = `update-${seed}-${Date.now()}`;
    const crowd = await openCrowd(containers, { label, ...size });
    const load = startLoad(
      containers,
      crowd.payers.map(({ api }) => api),
      {
        label,
        width: size.clients,
        reads: READS,
        pauseMs: size.pauseMs,
        payees: crowd.payees.map(({ email }) => email),
      },
    );
    try {
      await until('the load runs', 20_000, () => load.requests.length > size.clients * READS.length);
      const [startedMs, before] = [Date.now(), load.requests.length];
      await update([], (line) => console.log(`  ${line}`));
      const seconds = (Date.now() - startedMs) / 1_000;
      const rate = Math.round((load.requests.length - before) / seconds);
      await crowd.connected();
      await untilAnswered(load, size.clients);
      const requests = await load.stop();
      assertNoUnexpectedErrors(requests);
      await waitForEmptyOutbox(containers);
      const posts = requests.filter(({ kind }) => kind === 'POST');
      const messages = await assertMessages(
        containers,
        crowd,
        posts.map(({ answer }) => String(answer.body['id'])),
      );
      const failed = requests.filter(({ before: errors }) => errors.length > 0);
      const figure =
        `${failed.length} failed of ${requests.length} requests (${posts.length} POST) at ${rate}/s, ` +
        `slowest ${slowestMs(requests)} ms, in an update of ${Math.round(seconds)} s; ` +
        `${errorCounts(requests)}; 0 missed of ${messages} messages at ${size.sockets} sockets; ` +
        gapsOf(crowd).figure;
      const how = failed.slice(0, SHOWN).map(({ what, before: errors }) => `${what}: ${errors.join(' ')}`);
      if (failed.length > 0) {
        const logged = await containers.failuresAtNginx();
        throw new Error([figure, ...how, ...logged].join('\n  '));
      }
      return figure;
    } finally {
      await load.stop().catch(() => undefined);
      crowd.close();
    }
  },
};
