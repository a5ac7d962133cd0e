import { setTimeout } from 'node:timers/promises';
import type { Database } from '../postgres/database.ts';
import { openEventsDatabase } from '../events/testing/start-events.ts';
import { eventually } from '../testing/eventually.ts';
import { AppError } from '../calls/errors.ts';
import { reportFailuresTo } from '../telemetry/failures.ts';
import { settableClock } from './clock.ts';
import { LEASE_MS, readJobs, startJobs, type Job, type JobStatus } from './jobs.ts';
import { createLogger } from './logger.ts';
import { worker, type Worker } from './worker.ts';

const HOUR_MS = 3_600_000;
const log = createLogger({ level: 'silent' });
let db: Database;
let end: () => Promise<void>;
let clock: ReturnType<typeof settableClock>;
let replicas: Worker[];
beforeAll(async () => {
  ({ db, end } = await openEventsDatabase('jobs'));
});
beforeEach(async () => {
  await db.query('truncate jobs');
  clock = settableClock();
  replicas = [];
});
afterEach(() => Promise.all(replicas.map((replica) => replica.stop())));
afterAll(() => end());

/** Starts a replica with one hourly job. */
const replica = (run: Job<unknown>['run']): Worker => {
  const started = startJobs([{ name: 'purge', everyMs: HOUR_MS, run }], { name: 'test', db, clock, log });
  replicas.push(started);
  return started;
};
const onlyJob = async (): Promise<JobStatus> => (await readJobs(db))[0]!;
const isRunning = () => eventually(async () => expect(await onlyJob()).toMatchObject({ isRunning: true }));

/** A job that runs until the test ends it. */
const gatedJob = () => {
  const ends: ((error?: Error) => void)[] = [];
  const run = () =>
    new Promise<void>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
  return { run, ends };
};

/** Starts a replica whose first look at the job is also its last, and waits for what it runs. */
const lookOnce = (run: Job<unknown>['run']): Promise<void> => replica(run).stop();

describe('a job', () => {
  it('runs on one replica at a time, and again after its interval', async () => {
    const { run, ends } = gatedJob();
    const first = replica(run);
    await isRunning();
    await lookOnce(run);
    expect(ends).toHaveLength(1);
    ends[0]!();
    await first.stop();
    const { nextRunAt, lastStartedAt, lastError } = await onlyJob();
    expect([nextRunAt.getTime() - lastStartedAt!.getTime(), lastError]).toEqual([HOUR_MS, null]);
    let laterRuns = 0;
    const count = async () => void (laterRuns += 1);
    await lookOnce(count);
    expect(laterRuns).toBe(0);
    clock.set(nextRunAt.getTime());
    await Promise.all([lookOnce(count), lookOnce(count)]);
    expect(laterRuns).toBe(1);
  });

  it('that ends with the process is no failure, and is due at once for the next one', async () => {
    const waiting: Job<unknown>['run'] = (_service, signal) =>
      setTimeout(HOUR_MS, undefined, { signal: signal! });
    const first = replica(waiting);
    await isRunning();
    await first.stop();
    const { nextRunAt, lastError, isRunning: stillRuns } = await onlyJob();
    expect([nextRunAt <= clock.now(), lastError, stillRuns]).toEqual([true, null, false]);
    let runs = 0;
    await lookOnce(async () => void (runs += 1));
    expect(runs).toBe(1);
  });

  it('ends early when its process stops', async () => {
    const untilAborted: Job<unknown>['run'] = (_service, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) resolve();
        signal?.addEventListener('abort', () => resolve());
      });
    const stopping = replica(untilAborted);
    await isRunning();
    await stopping.stop();
    expect(await onlyJob()).toMatchObject({ isRunning: false, lastError: null });
  });

  it('is taken over when its lease expires, and the former holder stores no result', async () => {
    const { run, ends } = gatedJob();
    const frozen = replica(run);
    await isRunning();
    let runs = 0;
    const takeOver = async () => void (runs += 1);
    const startedMs = (await onlyJob()).lastStartedAt!.getTime();
    clock.set(startedMs + LEASE_MS - 10_000);
    await lookOnce(takeOver);
    expect(runs).toBe(0);
    clock.set(startedMs + LEASE_MS + 1_000);
    await lookOnce(takeOver);
    expect(runs).toBe(1);
    const after = await onlyJob();
    expect(after).toMatchObject({ isRunning: false, lastError: null });
    ends[0]!(new Error('too late'));
    await frozen.stop();
    expect(await onlyJob()).toEqual(after);
  });

  it('has a duration that a jump of the clock does not change', async () => {
    await lookOnce(async () => void clock.set(clock.nowMs() - 200 * 24 * HOUR_MS));
    const { lastDurationMs, isRunning: runs } = await onlyJob();
    expect(runs).toBe(false);
    expect(lastDurationMs).toBeGreaterThanOrEqual(0);
    expect(lastDurationMs).toBeLessThan(HOUR_MS);
  });

  it('that fails has its error recorded and is retried after five minutes', async () => {
    await lookOnce(() => Promise.reject(new Error('no space left')));
    const failed = await onlyJob();
    expect(failed).toMatchObject({ name: 'purge', isRunning: false, lastError: 'Error: no space left' });
    expect(failed.lastDurationMs).toBeGreaterThanOrEqual(0);
    expect(failed.nextRunAt.getTime() - failed.lastStartedAt!.getTime()).toBe(5 * 60_000);
    clock.set(failed.nextRunAt.getTime());
    await lookOnce(async () => undefined);
    expect(await onlyJob()).toMatchObject({ isRunning: false, lastError: null });
  });
});

describe('a defect', () => {
  const reported: unknown[] = [];
  beforeEach(() => {
    reported.length = 0;
    reportFailuresTo((error, source) => reported.push([(error as Error).message, source]));
  });
  afterEach(() => reportFailuresTo(null));

  it('of a job is reported once, and what is expected is not', async () => {
    await lookOnce(() => Promise.reject(new Error('broken')));
    await db.query('truncate jobs');
    await lookOnce(() => Promise.reject(new AppError('unavailable')));
    expect(reported).toEqual([['broken', { service: 'test', work: 'purge' }]]);
  });

  it('of a worker is reported when it begins, not at each attempt', async () => {
    const outcomes = [false, false, true, false];
    let runs = 0;
    const run = async (): Promise<boolean> => {
      const isWell = outcomes[runs++];
      if (isWell === false) throw new Error(`broken at ${runs}`);
      return isWell === true;
    };
    const loop = worker({ name: 'looks', db, pollMs: HOUR_MS, log, run });
    await eventually(() => runs > outcomes.length);
    await loop.stop();
    expect(reported).toEqual([
      ['broken at 1', { work: 'looks' }],
      ['broken at 4', { work: 'looks' }],
    ]);
  });
});
