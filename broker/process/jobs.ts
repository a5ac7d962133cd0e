import { randomUUID } from 'node:crypto';
import type { Database } from '../postgres/database.ts';
import { inTrace } from '../calls/request-context.ts';
import { reportFailure } from '../telemetry/failures.ts';
import { observeJob } from '../telemetry/metrics.ts';
import { newTrace } from '../telemetry/trace-context.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Worker } from './worker.ts';

/** Periodic work of a service. One replica runs it at a time, unless a run outlives its lease. */
export type Job<S> = {
  /** Unique within the service, kebab-case, for example `purge-idempotency-keys`. */
  name: string;
  /** Milliseconds from one start to the next. */
  everyMs: number;
  /** @param signal aborted when the process stops, which waits for the run */
  run: (service: S, signal?: AbortSignal) => Promise<void>;
};

/** A job's row, as operators see it. */
export type JobStatus = {
  name: string;
  nextRunAt: Date;
  lastStartedAt: Date | null;
  lastDurationMs: number | null;
  lastError: string | null;
  isRunning: boolean;
};

/** Interval of the check for due jobs. */
const POLL_MS = 60_000;
/** A replica that died holds up its job for at most this long. */
export const LEASE_MS = 120_000;
const RENEW_MS = 30_000;
/** A failed job runs again after this time, or after its own interval where that is shorter. */
const RETRY_MS = 300_000;
const ERROR_MAX_LENGTH = 1_000;

/** @returns a lease on the job, or null when it is not due or another replica runs it */
const claim = async (db: Database, name: string, now: Date): Promise<string | null> => {
  const lease = randomUUID();
  const rows = await db.query(
    `insert into jobs (name, next_run_at, lease, leased_until, last_started_at) values ($1, $2, $3, $4, $2)
     on conflict (name) do update set lease = $3, leased_until = $4, last_started_at = $2
       where jobs.next_run_at <= $2 and (jobs.leased_until is null or jobs.leased_until < $2)
     returning name`,
    [name, now, lease, new Date(now.getTime() + LEASE_MS)],
  );
  return rows.length > 0 ? lease : null;
};

type Result = { nextRunAt: Date; durationMs: number; error: string | null };

const finish = async (
  db: Database,
  lease: string,
  { nextRunAt, durationMs, error }: Result,
): Promise<void> => {
  await db.query(
    `update jobs set lease = null, leased_until = null, next_run_at = $2,
       last_duration_ms = $3, last_error = $4
     where lease = $1`,
    [lease, nextRunAt, durationMs, error],
  );
};

type Runner = { name: string; db: Database; clock: Clock; log: Logger };

/** Whether the run ended because the process stops. */
const isInterruption = (error: unknown, { aborted }: AbortSignal): boolean =>
  aborted && (error as Error | null)?.name === 'AbortError';

/** Runs the job if it is due and no other replica runs it. Failures are recorded and logged, not thrown. */
const runIfDue = async (job: Job<never>, service: Runner, signal: AbortSignal): Promise<void> => {
  const { db, clock, log } = service;
  const startedAt = clock.now();
  // Not by the clock, which is corrected and may jump.
  const startedMs = performance.now();
  const lease = await claim(db, job.name, startedAt);
  if (lease === null) return;
  const renewal = setInterval(() => {
    const until = new Date(clock.nowMs() + LEASE_MS);
    db.query('update jobs set leased_until = $2 where lease = $1', [lease, until]).catch((error: unknown) => {
      log.warn({ err: error, job: job.name }, 'job lease was not renewed');
    });
  }, RENEW_MS).unref();
  let failure: unknown = null;
  try {
    await inTrace(newTrace(), () => job.run(service as never, signal));
  } catch (error) {
    failure = error;
    if (!isInterruption(error, signal)) {
      log.warn({ err: error, job: job.name }, 'job failed');
      reportFailure(error, { service: service.name, work: job.name });
    }
  } finally {
    clearInterval(renewal);
  }
  const durationMs = Math.round(performance.now() - startedMs);
  if (isInterruption(failure, signal)) {
    // Due at once, for the next process.
    await finish(db, lease, { nextRunAt: startedAt, durationMs, error: null });
    return;
  }
  observeJob(service.name, job.name, failure === null ? 'ok' : 'failed', durationMs / 1_000);
  const delayMs = failure === null ? job.everyMs : Math.min(RETRY_MS, job.everyMs);
  const error = failure === null ? null : String(failure).slice(0, ERROR_MAX_LENGTH);
  await finish(db, lease, { nextRunAt: new Date(startedAt.getTime() + delayMs), durationMs, error });
};

/**
 * Starts the jobs of a service in this process. A job that has never run is due at once. `stop` aborts the
 * signal of the runs in progress and waits for their end.
 */
export const startJobs = (jobs: readonly Job<never>[], service: Runner): Worker => {
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();
  const tick = (job: Job<never>): void => {
    const run = runIfDue(job, service, stopping.signal)
      .catch((error: unknown) =>
        service.log.warn({ err: error, job: job.name }, 'job was not claimed, or its result not stored'),
      )
      .finally(() => running.delete(run));
    running.add(run);
  };
  const wake = (): void => jobs.forEach(tick);
  const timers = jobs.map((job) => setInterval(tick, Math.min(job.everyMs, POLL_MS), job).unref());
  wake();
  return {
    wake,
    stop: async () => {
      stopping.abort();
      timers.forEach((timer) => clearInterval(timer));
      await Promise.all(running);
    },
  };
};

/** The jobs that have run on a service's database, by name. */
export const readJobs = (db: Pick<Database, 'query'>): Promise<JobStatus[]> =>
  db.query<JobStatus>(
    `select name, next_run_at as "nextRunAt", last_started_at as "lastStartedAt",
       last_duration_ms as "lastDurationMs", last_error as "lastError", lease is not null as "isRunning"
     from jobs order by name`,
  );
