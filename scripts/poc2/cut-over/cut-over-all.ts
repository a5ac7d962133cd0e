import type { Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { connectToSource, openSource, type Source, type SourceConnection } from '../copy/source.ts';
import { lockTargets, type Target } from '../copy/targets.ts';
import { readChangeLog } from '../follow/change-log.ts';
import { differencesSince } from '../follow/differences-since.ts';
import { followOnce } from '../follow/follow-once.ts';
import { verifyAll, type VerifyReport } from '../verify/verify-all.ts';
import { liftFence, raiseFence } from './fence.ts';
import { isOpened, openTarget } from './open-targets.ts';

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

/** So few changes are left that POC-2 need not wait long for the last ones. */
const FEW_CHANGES = 200;
const ROUNDS = 60;

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
    const { changes } = await inSnapshot(request.url, (source) => follow(source, request));
    if (changes <= FEW_CHANGES) return;
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
 * Applies the last changes.
 * @param since the source's snapshot at which everything was equal; what has changed since is compared again
 * @throws UsageError when it is not as it should be
 */
const drain = (request: CutOverRequest, since: string | null): Promise<void> =>
  inSnapshot(request.url, async (source) => {
    const { targets, mappings } = request;
    await follow(source, request);
    const differences = since === null ? 0 : await differencesSince({ source, targets, mappings }, since);
    if (differences > 0)
      throw new UsageError(
        `${differences} rows that were changed last are not as they should be: ` +
          'npm run poc2 -- verify names them.',
      );
  });

const openAll = async ({ targets, onStep }: CutOverRequest, { client }: SourceConnection): Promise<void> => {
  for (const target of targets) {
    await openTarget(target);
    await onStep?.('opened one');
  }
  await client.query('update payloom_move.state set opened_at = coalesce(opened_at, clock_timestamp())');
};

/** How many of the databases services may use. */
const countOpened = async (targets: readonly Target[]): Promise<number> =>
  (await Promise.all(targets.map(isOpened))).filter(Boolean).length;

/** POC-2 takes writes again, unless Payloom may have taken some. */
const giveBack = async (
  { targets, say }: CutOverRequest,
  mover: SourceConnection,
  error: unknown,
): Promise<never> => {
  if ((await countOpened(targets)) > 0) throw error;
  await liftFence(mover);
  say('POC-2 takes writes again');
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

const cutOverWith = async (request: CutOverRequest, mover: SourceConnection): Promise<CutOverReport> => {
  const { targets, say, onStep } = request;
  await lockTargets(targets);
  const { fencedAt } = await logOf(mover);
  if ((await countOpened(targets)) > 0) {
    await openAll(request, mover);
    return { outcome: 'opened', verified: null, withoutWritesMs: null };
  }
  if (fencedAt) say(`POC-2 takes no writes since ${fencedAt.toISOString()}`);
  await catchUp(request);
  const { report, snapshot } = await verifyWhole(request);
  if (report.findings.count > 0) return { outcome: 'different', verified: report };
  await onStep?.('verified');
  await catchUp(request);
  say('everything is equal; POC-2 takes no more writes now');
  await raiseFence(mover);
  const startedMs = performance.now();
  try {
    await onStep?.('fenced');
    await drain(request, snapshot);
    await onStep?.('drained');
    await openAll(request, mover);
  } catch (error) {
    await giveBack(request, mover, error);
  }
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
 * Lets POC-2 write again after a cut-over that has not opened Payloom.
 * @throws UsageError when Payloom may have taken writes
 */
export const undoCutOver = async ({
  url,
  targets,
}: Pick<CutOverRequest, 'url' | 'targets'>): Promise<void> => {
  const mover = await connectToSource(url);
  try {
    await lockTargets(targets);
    await logOf(mover);
    if ((await countOpened(targets)) > 0)
      throw new UsageError('Payloom is open: npm run poc2 -- back-out takes its writes back to POC-2.');
    await liftFence(mover);
  } finally {
    await mover.close();
  }
};
