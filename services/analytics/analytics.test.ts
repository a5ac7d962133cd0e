import { register } from 'prom-client';
import type { Caller } from '../../broker/calls/envelope.ts';
import type { Clock } from '../../broker/process/clock.ts';
import { newId } from '../../broker/process/ids.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../broker/testing/start-services.ts';
import { analytics, type Sample } from '../../shared/contracts/analytics.ts';
import { SAMPLES_MAX } from '../../shared/contracts/measuring.ts';
import type { AnalyticsService } from './analytics.ts';
import { service as analyticsService } from './analytics.service.ts';
import { FIGURES } from './figures/writer.ts';
import { addFigures } from './persistence/daily-figures.ts';
import { purgeFigures } from './jobs/purge-figures.ts';

const admin: Caller = { userId: newId('user', 1), sessionId: newId('session', 1), role: 'ADMIN' };
let nowMs = Date.parse('2026-11-30T12:00:00.000Z');
const clock: Clock = {
  now: () => new Date(nowMs),
  nowMs: () => nowMs,
  iso: () => new Date(nowMs).toISOString(),
};

let app: TestServices;
beforeAll(async () => {
  app = await startServices([analyticsService], { clock });
});
afterAll(() => app.stop());
beforeEach(() => app.service('analytics').db.query('delete from daily_figures'));

const service = () => app.service('analytics') as AnalyticsService;
const record = (...samples: Sample[]) => app.call(analytics.actions.record, { samples });
const rows = () =>
  service().db.query<{ day: string; kind: string; subject: string; detail: string; count: number }>(
    `select to_char(day, 'YYYY-MM-DD') as day, kind, subject, detail,
       (select sum(b) from unnest(buckets) b)::int as count
     from daily_figures order by day, kind, subject, detail`,
  );
/** Resolves when that many samples are in the table. */
const written = (count: number) => {
  service().db.wake(FIGURES);
  return eventually(async () => (await rows()).reduce((sum, row) => sum + row.count, 0) === count);
};
const lcp = (value: number, of = '/payments'): Sample => ({ kind: 'lcp', of, value });

describe('recorded samples', () => {
  it('become one row of the day for each kind and page', async () => {
    await record(lcp(100), lcp(2_600), lcp(90, '/reports'), { kind: 'cls', of: '/payments', value: 0.05 });
    await record(lcp(300));
    await written(5);
    expect(await rows()).toEqual([
      { day: '2026-11-30', kind: 'cls', subject: '/payments', detail: '', count: 1 },
      { day: '2026-11-30', kind: 'lcp', subject: '/payments', detail: '', count: 3 },
      { day: '2026-11-30', kind: 'lcp', subject: '/reports', detail: '', count: 1 },
    ]);
  });

  it('of many processes are all counted', async () => {
    const { db } = service();
    const row = { day: '2026-11-30', kind: 'lcp', scheme: 'score1', detail: '', total: 1 } as const;
    const buckets = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    const subjects = ['/payments', '/reports', '/', '/sign-in'];
    const batch = (by: number) =>
      subjects.map((_, index) => ({ ...row, buckets, subject: subjects[(index + by) % subjects.length]! }));
    await Promise.all(Array.from({ length: 40 }, (_, index) => addFigures(db, batch(index))));
    expect((await rows()).map(({ count }) => count)).toEqual([40, 40, 40, 40]);
  });

  it('are refused where they are no figures', async () => {
    const refused = async (...samples: unknown[]) =>
      expect(app.call(analytics.actions.record, { samples } as never)).rejects.toMatchObject({
        code: 'invalid_params',
      });
    await refused();
    await refused(...Array.from({ length: SAMPLES_MAX + 1 }, () => lcp(1)));
    await refused(lcp(-1));
    await refused(lcp(86_400_001));
    await refused(lcp(Number.NaN));
    await refused({ ...lcp(1), kind: 'password' });
    await refused({ ...lcp(1), of: 'x'.repeat(65) });
    await refused({ ...lcp(1), userId: 'usr_1' });
    expect(await rows()).toEqual([]);
  });

  it('do not grow the table or the metrics, whatever pages, routes and versions they name', async () => {
    const kinds = ['lcp', 'error', 'call', 'remote', 'file', 'connect'] as const;
    const odd = (index: number): Sample[] =>
      kinds.map((kind) => ({ kind, of: `/x${index}`, value: 1, detail: `d${index}` }));
    for (let index = 0; index < 300; index += 10)
      await record(...Array.from({ length: 10 }, (_, at) => odd(index + at)).flat());
    await written(300 * kinds.length);
    expect((await rows()).map(({ subject, count }) => [subject, count])).toEqual(
      kinds.map(() => ['other', 300]),
    );
    expect(await register.metrics()).not.toMatch(/\/x\d|d\d\d/);
  });

  it('are kept in memory while the database refuses them', async () => {
    const { db, log } = service();
    const warnings: unknown[] = [];
    const { warn } = log;
    log.warn = (...given: unknown[]) => void warnings.push(given);
    await db.query('alter table daily_figures rename to away');
    await record(lcp(1), lcp(2));
    db.wake(FIGURES);
    await eventually(() => warnings.length > 0);
    await record(lcp(3));
    log.warn = warn;
    await db.query('alter table away rename to daily_figures');
    await written(3);
  });
});

describe('figures', () => {
  const days = '7';
  const read = () => app.call(analytics.actions.experience, { days }, { as: admin });

  it('say how a page was: three of four visits, its rating, its calls', async () => {
    await record(...[100, 200, 2_450, 2_460, 4_100].map((value) => lcp(value)));
    await record({ kind: 'view', of: '/payments', value: 4 }, { kind: 'view', of: '/payments', value: 2 });
    await record(
      { kind: 'waterfall', of: '/payments', value: 1 },
      { kind: 'error', of: '/payments', value: 1 },
    );
    await written(9);
    const { pages } = await read();
    expect(pages).toHaveLength(1);
    expect(pages[0]).toMatchObject({ page: '/payments', views: 2, callsPerView: 3, waterfallsPerView: 0.5 });
    expect(pages[0]).toMatchObject({
      repeatsPerView: 0,
      errors: 1,
      inp: { p75: null, samples: 0, rating: null },
    });
    expect(pages[0]?.lcp).toMatchObject({ samples: 5, rating: 'good' });
    expect(pages[0]?.lcp.p75).toBeGreaterThan(1_800);
    expect(pages[0]?.lcp.p75).toBeLessThanOrEqual(2_500);
  });

  it('name the slowest route first, and count what was refused and what failed', async () => {
    const call = (of: string, value: number, detail: string): Sample => ({ kind: 'call', of, value, detail });
    await record(call('payments.list', 40, 'ok'), call('payments.list', 45, 'refused'));
    await record(call('payments.get', 900, 'unreachable'), call('payments.get', 950, 'failed'));
    await written(4);
    const { routes } = await read();
    expect(routes.map(({ action, calls, refused, failed }) => [action, calls, refused, failed])).toEqual([
      ['payments.get', 2, 0, 2],
      ['payments.list', 2, 1, 0],
    ]);
  });

  it('of each day, of all pages or of one', async () => {
    await record(lcp(100), { kind: 'view', of: '/payments', value: 1 });
    nowMs -= 86_400_000;
    await record(lcp(5_000, '/reports'), { kind: 'view', of: '/reports', value: 1 });
    nowMs += 86_400_000;
    await written(4);
    const dayViews = async (page?: string) => {
      const { items } = await app.call(analytics.actions.experienceByDay, { days, page }, { as: admin });
      expect(items).toHaveLength(7);
      return items.slice(5).map(({ day, views, lcp: { rating } }) => [day, views, rating]);
    };
    expect(await dayViews()).toEqual([
      ['2026-11-29', 1, 'poor'],
      ['2026-11-30', 1, 'good'],
    ]);
    expect(await dayViews('/payments')).toEqual([
      ['2026-11-29', 0, null],
      ['2026-11-30', 1, 'good'],
    ]);
  });

  it('of micro-frontends, by version', async () => {
    const remote = (value: number, detail: string): Sample => ({
      kind: 'remote',
      of: 'payments',
      value,
      detail,
    });
    await record(remote(300, 'aaaaaaaaaaaa'), remote(310, 'aaaaaaaaaaaa'), remote(90, 'bbbbbbbbbbbb'));
    await record({ ...remote(10_000, 'bbbbbbbbbbbb'), kind: 'remote-failed' });
    await record(
      { kind: 'file', of: 'payments', value: 1, detail: 'cached' },
      { kind: 'file', of: 'payments', value: 30, detail: 'loaded' },
    );
    await written(6);
    const { items } = await app.call(analytics.actions.remoteExperience, { days }, { as: admin });
    expect(items).toMatchObject([
      {
        remote: 'payments',
        cachedShare: 0.5,
        versions: [
          { version: 'aaaaaaaaaaaa', lastDay: '2026-11-30', loads: 2, failures: 0 },
          { version: 'bbbbbbbbbbbb', lastDay: '2026-11-30', loads: 1, failures: 1 },
        ],
      },
    ]);
  });

  it('of days that are kept no longer are deleted', async () => {
    await record(lcp(1));
    nowMs = Date.parse('2025-10-29T12:00:00.000Z');
    await record(lcp(1));
    nowMs = Date.parse('2025-10-30T12:00:00.000Z');
    await record(lcp(1));
    nowMs = Date.parse('2026-11-30T12:00:00.000Z');
    await written(3);
    await purgeFigures.run(service());
    expect((await rows()).map(({ day }) => day)).toEqual(['2025-10-30', '2026-11-30']);
  });
});

it('a process that stops writes what it has', async () => {
  const { throwAwayDatabase } = await import('../../broker/testing/throw-away-database.ts');
  const { Client } = await import('pg');
  const database = await throwAwayDatabase();
  const one = await startServices([analyticsService], {
    clock,
    env: { ANALYTICS_DATABASE_URL: database.url },
  });
  await one.call(analytics.actions.record, { samples: [lcp(1)] });
  await one.stop();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows: left } = await client.query('select kind, subject from daily_figures');
  await client.end();
  await database.drop();
  expect(left).toEqual([{ kind: 'lcp', subject: '/payments' }]);
});
