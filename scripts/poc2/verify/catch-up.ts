import { covers, readChangeLog } from '../follow/change-log.ts';
import { followOnce } from '../follow/follow-once.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { readRun } from '../copy/records.ts';
import { readAgain, type Source } from '../copy/source.ts';
import { lockTargets, unlockTargets, type Target } from '../copy/targets.ts';
import { verifyAll, type VerifyReport, type VerifyRequest } from './verify-all.ts';

/**
 * Applies the changes that the source has now, where they are logged and the system is closed: both sides can
 * be compared as of one moment, while the source takes writes. The targets stay locked.
 * @returns the source as of that moment; null when there is nothing to apply them to
 */
const catchUp = async (
  source: Source,
  targets: readonly Target[],
  mappings: readonly AnyMapping[],
): Promise<Source | null> => {
  const log = await readChangeLog(source);
  if (!log) return null;
  for (const { client } of targets) {
    const run = await readRun(client);
    if (!run?.copiedAt || run.openedAt || !(await covers(source.client, log, run.snapshot))) return null;
  }
  await lockTargets(targets);
  const now = await readAgain(source);
  await followOnce({ source: now, targets, mappings });
  return now;
};

/**
 * Compares both sides as of one moment; where changes of the source are logged, they are applied first.
 * @throws UsageError when there is no finished copy
 */
export const verifyNow = async (request: Omit<VerifyRequest, 'onSnapshot'>): Promise<VerifyReport> => {
  const { targets, mappings } = request;
  const source = await catchUp(request.source, targets, mappings);
  if (!source) return verifyAll(request);
  return verifyAll({ ...request, source, onSnapshot: () => unlockTargets(targets) });
};
