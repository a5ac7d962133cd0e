// What kept answers save: the same reads with a Redis, and with one that is away; 304 against 200.
import { startRedis } from '../../broker/cache/testing/start-redis.ts';
import { tokenOf } from '../system/accounts.ts';
import { median } from '../system/statistics.ts';
import { contest, perRequestUs, perSecond, type Server, type Sums } from './contest.ts';
import { startFilled, type Filled } from './filled-instance.ts';
import { endWithBenches } from './instances.ts';
import type { Request } from './load.ts';
import type { Quiet } from './machine.ts';
import { jobOf, listRequest } from './payment-jobs.ts';
import type { Line } from './table.ts';

type CachingOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };
type Side = { server: Server; request: Request };

const CONNECTIONS = 4;
/** Nobody listens on it: no answer is kept, as while Redis is away. */
const NO_REDIS = 'redis://127.0.0.1:1';

const reportPath = (): string => {
  const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);
  return `/api/reports/payments?from=${day(365)}&to=${day(-1)}&group=month`;
};

const readOf = (token: string, path: string): Request => ({ method: 'GET', path, token, expect: 200 });

const serverOf = ({ instance }: Filled): Server => ({
  ports: [instance.port],
  processes: { payloom: instance.pid },
});

const linesOf = (what: string, [kept, other]: readonly [Sums, Sums]): Line[] => {
  const [us, otherUs] = [Math.round(perRequestUs(kept)), Math.round(perRequestUs(other))];
  const [ms, otherMs] = [median(kept.latenciesMs), median(other.latenciesMs)];
  const only = { goal: null, floor: null, unit: '×' } as const;
  return [
    {
      ...only,
      measure: `caching ${what}, CPU of our process per request`,
      measured: perRequestUs(kept) / perRequestUs(other),
      detail: `${us} against ${otherUs} µs; PostgreSQL and Redis count for neither`,
    },
    {
      ...only,
      measure: `caching ${what}, p50`,
      measured: ms / otherMs,
      detail:
        `${ms.toFixed(1)} against ${otherMs.toFixed(1)} ms; ` +
        `${perSecond(kept)} against ${perSecond(other)} a second over ${CONNECTIONS} connections`,
    },
  ];
};

/** The sums of two sides with the same number of requests, in turns. */
const compare = (sides: readonly [Side, Side], { quick }: CachingOptions): Promise<[Sums, Sums]> => {
  const size = { requests: quick ? 200 : 2_000, connections: CONNECTIONS };
  // Each side's array of ports is its own, also where both are one server.
  const requestAt = (ports: readonly number[]): Request =>
    sides.find(({ server }) => server.ports === ports)?.request ?? sides[0].request;
  const servers = [sides[0].server, sides[1].server] as const;
  return contest(servers, (ports) => jobOf(requestAt(ports), ports, size), quick ? 1 : 3);
};

export const measureCaching = async (port: number, options: CachingOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const redis = await startRedis();
  endWithBenches(() => redis.end());
  const start = async (at: number, url: string) => {
    const filled = await startFilled(at, quick ? 20_000 : 120_000, {
      role: 'VENDOR',
      env: { REDIS_URL: url },
    });
    return { filled, token: await tokenOf(filled.instance.urls, filled.user.email) };
  };
  const sides = [await start(port, redis.url), await start(port + 100, NO_REDIS)] as const;
  const lines: Line[] = [];
  for (const [what, path] of [
    ['a report of a year', reportPath()],
    ['preferences', '/api/profile/preferences'],
  ] as const) {
    await quiet.check(`caching, ${what}`);
    const [kept, computed] = sides.map(({ filled, token }) => ({
      server: serverOf(filled),
      request: readOf(token, path),
    }));
    lines.push(...linesOf(`${what}: kept against computed`, await compare([kept!, computed!], options)));
  }
  await quiet.check('caching, 304');
  const [{ filled, token }] = sides;
  const list = listRequest(token);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${filled.instance.urls[0]}${list.path}`, { headers });
  const bytes = (await answer.arrayBuffer()).byteLength;
  const unchanged = { ...list, etag: answer.headers.get('etag') ?? '', expect: 304 };
  const known = { server: serverOf(filled), request: unchanged };
  const fresh = { server: serverOf(filled), request: list };
  lines.push(...linesOf('a list of 25: 304 against 200', await compare([known, fresh], options)));
  say(`a list of 25 payments has ${bytes} bytes, its 304 has none`);
  return lines;
};
