import type { Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { checkSource, readRun } from '../copy/records.ts';
import { connectToSource, openSource, type Source, type SourceConnection } from '../copy/source.ts';
import { lockTargets, type Target } from '../copy/targets.ts';
import { readChangeLog } from '../follow/change-log.ts';
import { differencesSince } from '../follow/differences-since.ts';
import { followOnce } from '../follow/follow-once.ts';
import { verifyAll, type VerifyReport } from '../verify/verify-all.ts';
import { liftFence, raiseFence } from './fence.ts';
import { openTarget } from './open-targets.ts';

export type CutOverRequest = {
  url: string;
  targets: readonly Target[];
  mappings: readonly AnyMapping[];
  say: Say;
  /** For tests: called at each step, which may fail there. */
  onStep?(step: 'verified' | 'fenced' | 'drained' | 'opened one'): Promise<void> | void;
};

export type CutOverReport =
  | { outcome: 'opened'; verified: VerifyReport | null; withoutWritesMs: number | null }
  /** The whole was verified and differs: nothing has changed. */
  | { outcome: 'different'; verified: VerifyReport };

/** So few changes are left, or so fresh ones, that POC-2 need not wait long for the last ones. */
const FEW_CHANGES = 200;
const FRESH_MS = 2_000;
const ROUNDS = 60;
const SHOWN = 5;

const inSnapshot = async <T>(url: string, run: (source: Source) => Promise<T>): Promise<T> => {
  const source = await openSource(url);
  try {
    return await run(source);
  } finally {
    await source.close();
  }
};

const follow = (source: Source, { targets, mappings }: CutOverRequest) =>
  followOnce({ source, targets, mappings });

/** @throws UsageError when POC-2 writes faster than it can be followed */
const catchUp = async (request: CutOverRequest): Promise<void> => {
  for (let left = ROUNDS; left > 0; left -= 1) {
    const { changes, oldestAgeMs } = await inSnapshot(request.url, (source) => follow(source, request));
    if (changes <= FEW_CHANGES || oldestAgeMs < FRESH_MS) return;
    request.say(`${changes} changes are applied`);
  }
  throw new UsageError('POC-2 writes faster than its changes can be applied: wait for a quieter hour.');
};

/** Compares everything, at one moment of both sides. */
const verifyWhole = (request: CutOverRequest): Promise<{ report: VerifyReport; snapshot: string }> =>
  inSnapshot(request.url, async (source) => {
    const { targets, mappings, say } = request;
    await follow(source, request);
    try {
      const report = await verifyAll({ source, targets, mappings, say });
      return { report, snapshot: source.snapshot };
    } finally {
      for (const { client } of targets) await client.query('rollback');
    }
  });

/**
 * Applies what has changed, and compares it once more.
 * @param since the source's snapshot at which everything was equal
 * @returns that of now, at which everything is equal
 * @throws UsageError when it is not as it should be
 */
const followFrom = (request: CutOverRequest, since: string): Promise<string> =>
  inSnapshot(request.url, async (source) => {
    const { targets, mappings } = request;
    await follow(source, request);
    const { rows, refused } = await differencesSince({ source, targets, mappings }, since);
    if (refused.length > 0)
      throw new UsageError(
        `${refused.length} rows that were changed last are refused: mend them in POC-2, and run this ` +
          `again (${refused.slice(0, SHOWN).join(', ')}).`,
      );
    if (rows > 0)
      throw new UsageError(
        `${rows} rows that were changed last are not as they should be: ` +
          'npm run poc2 -- verify names them.',
      );
    return source.snapshot;
  });

/**
 * From here on Payloom may take writes, and only back-out leads back.
 * @throws UsageError when the fence was lifted meanwhile
 */
const decide = async ({ client }: SourceConnection): Promise<void> => {
  const { rowCount } = await client.query(
    'update payloom_move.state set opened_at = clock_timestamp() where fenced_at is not null',
  );
  if (rowCount === 0) throw new UsageError('POC-2 was given its writes back meanwhile: run this again.');
};

const openAll = async ({ targets, onStep }: CutOverRequest): Promise<void> => {
  for (const target of targets) {
    await openTarget(target);
    await onStep?.('opened one');
  }
};

/** POC-2 takes writes again, unless Payloom may have taken some. Asks no database of Payloom. */
const giveBack = async ({ say }: CutOverRequest, mover: SourceConnection, error: unknown): Promise<never> => {
  try {
    await liftFence(mover);
    say('POC-2 takes writes again');
  } catch (other) {
    say(`POC-2 takes no writes (${(other as Error).message}): run cut-over again, or with --undo`);
  }
  throw error;
};

const logOf = async (mover: SourceConnection) => {
  const log = await readChangeLog(mover);
  if (!log)
    throw new UsageError(
      `${mover.name} has no change log: npm run poc2 -- install makes it, before the copy.`,
    );
  return log;
};

/** Opens what a run that was cut off has left closed. */
const openOthers = async (request: CutOverRequest, mover: SourceConnection): Promise<CutOverReport> => {
  for (const { database, client } of request.targets) {
    const run = await readRun(client);
    if (!run) throw new UsageError(`Nothing was copied into the database of ${database}.`);
    checkSource(database, run, mover.name);
  }
  await openAll(request);
  return { outcome: 'opened', verified: null, withoutWritesMs: null };
};

const cutOverWith = async (request: CutOverRequest, mover: SourceConnection): Promise<CutOverReport> => {
  const { targets, say, onStep } = request;
  await lockTargets(targets);
  const { fencedAt, openedAt } = await logOf(mover);
  if (fencedAt && openedAt) return openOthers(request, mover);
  if (fencedAt) {
    await liftFence(mover);
    say('a run before was cut off; POC-2 takes writes again until everything is compared');
  }
  await catchUp(request);
  const { report, snapshot } = await verifyWhole(request);
  if (report.findings.count > 0) return { outcome: 'different', verified: report };
  await onStep?.('verified');
  await catchUp(request);
  const equal = await followFrom(request, snapshot);
  say('everything is equal; POC-2 takes no more writes now');
  const startedMs = performance.now();
  await raiseFence(mover);
  try {
    await onStep?.('fenced');
    await followFrom(request, equal);
    await onStep?.('drained');
    await decide(mover);
  } catch (error) {
    return giveBack(request, mover, error);
  }
  await openAll(request);
  return { outcome: 'opened', verified: report, withoutWritesMs: performance.now() - startedMs };
};

/**
 * Compares everything, stops POC-2's writes, applies and compares the last changes, and lets services into
 * Payloom's databases. Killed anywhere, it can be run again, or undone while no database is open.
 * @throws UsageError when it refuses; POC-2 takes writes then as before
 */
export const cutOverAll = async (request: CutOverRequest): Promise<CutOverReport> => {
  const mover = await connectToSource(request.url);
  try {
    return await cutOverWith(request, mover);
  } finally {
    await mover.close();
  }
};

/**
 * Lets POC-2 write again after a cut-over that has not opened Payloom. Needs no database of Payloom.
 * @throws UsageError when Payloom may have taken writes
 */
export const undoCutOver = async (url: string): Promise<void> => {
  const mover = await connectToSource(url);
  try {
    const { fencedAt, openedAt } = await logOf(mover);
    if (!fencedAt) return;
    if (openedAt)
      throw new UsageError(
        'Payloom is open, or partly: npm run poc2 -- cut-over opens the rest, and back-out leads back.',
      );
    await liftFence(mover);
  } finally {
    await mover.close();
  }
};
