import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Env } from '../../../broker/process/config.ts';
import { everyTwoSeconds, megabytes, type Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import { findAddresses } from '../copy/places.ts';
import { readRun } from '../copy/records.ts';
import { readShapes, type Shapes } from '../copy/shapes.ts';
import { openSource, readAgain, type Source } from '../copy/source.ts';
import { closeTargets, lockTargets, openTargets, unlockTargets, type Target } from '../copy/targets.ts';
import { deleteSeen } from './changes.ts';
import { followOnce } from './follow-once.ts';

export const FOLLOW_HELP = `  follow                   applies to the copy what changes in the source,
                           until it is interrupted, and says how far behind the copy is. Processes of
                           Payloom may run: they wait for the cut-over
    --once                 ends when everything is applied that the source has now`;

export const FOLLOW_OPTIONS = { once: { type: 'boolean' } } as const;

/** How long the source is left alone between two looks. */
const PAUSE_MS = 300;
/** Rows of the log that everybody has seen are deleted this often. */
const CLEAN_EVERY_MS = 5_000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [500, 10_000];

/** Held by the session that follows; the number is arbitrary. */
const FOLLOW_LOCK = 7_026_003;
const LOCK_WAIT_MS = 5_000;

type Connections = { source: Source; targets: Target[]; close(): Promise<void> };

/** @throws UsageError when another process follows already; one that was killed may seem to for a moment */
const checkAlone = async ({ client }: Target): Promise<void> => {
  const deadlineMs = performance.now() + LOCK_WAIT_MS;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
      FOLLOW_LOCK,
    ]);
    if (rows[0]?.locked) return;
    if (performance.now() > deadlineMs)
      throw new UsageError('Another process follows the changes of this source already.');
    await sleep(PAUSE_MS);
  }
};

const connect = async (url: string, env: Env): Promise<Connections> => {
  const source = await openSource(url);
  let targets: Target[] = [];
  const close = async () => {
    await closeTargets(targets);
    await source.close();
  };
  try {
    targets = await openTargets(env);
    const [first] = targets;
    if (first) await checkAlone(first);
    return { source, targets, close };
  } catch (error) {
    await close();
    throw error;
  }
};

/** SQLSTATE classes of servers that are gone, end, begin, or lack something for a while. */
const PASSING = /^(08|40|53|55|57|58)/;

/** Whether a server may be back later; what the user has to mend is not. */
const isPassing = (error: unknown): boolean => {
  if (error instanceof UsageError) return error.cause !== undefined && isPassing(error.cause);
  const { code, severity, message } = error as { code?: string; severity?: string; message: string };
  if (severity !== undefined) return code !== undefined && PASSING.test(code);
  return (
    code !== undefined || /^(Connection terminated|Client has encountered)|timeout expired/.test(message)
  );
};

/** Deletes rows of the log that all databases have seen. A standby server keeps them. */
const clean = async (client: Client, targets: readonly Target[]): Promise<void> => {
  const runs = await Promise.all(targets.map((target) => readRun(target.client)));
  const snapshots = runs.flatMap((run) => (run ? [run.snapshot] : []));
  if (snapshots.length === targets.length) await deleteSeen(client, snapshots);
};

const lineOf = (lagMs: number, changes: number, rows: number, seconds: number): string => {
  const rate = (count: number): string => Math.round(count / seconds).toLocaleString('en');
  return (
    `lag ${(lagMs / 1_000).toFixed(2)} s, ${rate(changes)} changes/s, ${rate(rows)} rows/s, ` +
    `memory ${megabytes(process.memoryUsage.rss())}`
  );
};

/** Adds up what was done between two lines. */
const collectRates = (say: Say) => {
  const sometimes = everyTwoSeconds((line) => {
    say(line);
    Object.assign(sums, { lagMs: 0, changes: 0, rows: 0, fromMs: performance.now() });
  });
  const sums = { lagMs: 0, changes: 0, rows: 0, fromMs: performance.now() };
  return (lagMs: number, changes: number, rows: number): void => {
    sums.lagMs = Math.max(sums.lagMs, lagMs);
    sums.changes += changes;
    sums.rows += rows;
    const seconds = (performance.now() - sums.fromMs) / 1_000;
    if (sums.changes > 0) sometimes(lineOf(sums.lagMs, sums.changes, sums.rows, seconds));
  };
};

type Following = { once: boolean; isEnded: () => boolean; pause: (ms: number) => Promise<void>; say: Say };

const followOn = async (connections: Connections, following: Following): Promise<void> => {
  const { targets } = connections;
  let shapes: Shapes | undefined;
  const add = collectRates(following.say);
  let cleanedMs = performance.now();
  do {
    // Who waits for the lock, such as verify, gets it before the next batch.
    await lockTargets(targets, 0);
    const startedMs = performance.now();
    const source = await readAgain(connections.source);
    const request = { source, targets, mappings: MAPPINGS, ...(shapes && { shapes }) };
    const { changes, rows, oldestAgeMs } = await followOnce(request);
    await unlockTargets(targets);
    await source.client.query('commit');
    shapes ??= await readShapes(targets, MAPPINGS);
    const lagMs = changes === 0 ? 0 : oldestAgeMs + performance.now() - startedMs;
    if (following.once) following.say(`${changes} changes are applied, in ${rows} rows`);
    else add(lagMs, changes, rows);
    if (performance.now() > cleanedMs + CLEAN_EVERY_MS || following.once) {
      await clean(source.client, targets);
      cleanedMs = performance.now();
    }
    if (!following.once) await following.pause(PAUSE_MS);
  } while (!following.once && !following.isEnded());
};

/** Follows, and begins again where a server was away for a while. */
const followAlways = async (url: string, env: Env, following: Following): Promise<void> => {
  let waitMs = FIRST_WAIT_MS;
  for (let isFirst = true; !following.isEnded(); isFirst = false) {
    try {
      const connections = await connect(url, env);
      following.say(isFirst ? 'following' : 'connected again');
      waitMs = FIRST_WAIT_MS;
      isFirst = false;
      await followOn(connections, following).finally(connections.close);
      return;
    } catch (error) {
      if (isFirst || following.once || !isPassing(error)) throw error;
      following.say(`${(error as Error).message}; trying again in ${waitMs / 1_000} s`);
      await following.pause(waitMs);
      waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    }
  }
};

/** `npm run poc2 -- follow` */
export const follow = async (
  url: string,
  { stack, once = false }: { stack?: string; once?: boolean },
  say: Say,
): Promise<number> => {
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end).once('SIGTERM', end);
  const { env, close } = await findAddresses(stack, true);
  try {
    await followAlways(url, env, {
      ...{ once, say },
      isEnded: () => ending.signal.aborted,
      pause: (ms) => sleep(ms, undefined, { signal: ending.signal }).catch(() => undefined),
    });
    return 0;
  } finally {
    process.off('SIGINT', end).off('SIGTERM', end);
    await close();
  }
};
