import { isUnreachable } from '../../../../shared/client/problem.ts';
import { markShown, reportShown } from '../../../../shared/ui/report-shown.ts';
import { ContractError } from './choice.ts';

/** A version that did not load is left alone that long, unless it is asked for again. */
const LEFT_ALONE_MS = 10_000;

type Trouble = { loads: number; runs: number; untilMs: number };
const troubles = new Map<string, Trouble>();
const reported = new Set<string>();

const keyOf = (name: string, version: string): string => `${name}@${version}`;
const troubleOf = (name: string, version: string): Trouble =>
  troubles.get(keyOf(name, version)) ?? { loads: 0, runs: 0, untilMs: 0 };

const tried = new Map<string, string>();
/** Notes which version of a remote is loaded. */
export const noteTried = (name: string, version: string): void => void tried.set(name, version);
/** The version of a remote that was loaded last; undefined for the shell, and before that. */
export const lastVersionOf = (name: string): string | undefined => tried.get(name);

/** How often a version has failed on this page: each time its files come from other addresses. */
export const attemptsAt = (name: string, version: string): number => {
  const { loads, runs } = troubleOf(name, version);
  return loads + runs;
};

/** How often a version has loaded and then failed, when it was mounted or later. */
export const failedRuns = (name: string, version: string): number => troubleOf(name, version).runs;

/** Whether another version is better at the moment. */
export const isBroken = (name: string, version: string): boolean => {
  const { runs, untilMs } = troubleOf(name, version);
  return runs > 0 || performance.now() < untilMs;
};

export const noteFailedLoad = (name: string, version: string): void => {
  const { loads, runs } = troubleOf(name, version);
  const untilMs = performance.now() + LEFT_ALONE_MS;
  troubles.set(keyOf(name, version), { loads: loads + 1, runs, untilMs });
};

/** What browsers say of a module or stylesheet that did not come. */
const NOT_LOADED = /dynamically imported module|module script failed|preload CSS/i;

/** Whether it is files that did not come, rather than what they do. */
export const isNotLoaded = (error: unknown): boolean =>
  isUnreachable(error) || NOT_LOADED.test(String(error));

/**
 * Notes what has failed when it was mounted or later: a version, or only that a further file of it did not
 * come.
 */
export const noteFailed = (name: string, version: string, cause: unknown): void => {
  if (isNotLoaded(cause)) return noteFailedLoad(name, version);
  const trouble = troubleOf(name, version);
  troubles.set(keyOf(name, version), { ...trouble, runs: trouble.runs + 1 });
};

/** What did not load may load now. */
export const forgiveLoads = (name: string): void => {
  for (const [key, trouble] of troubles) {
    if (key.startsWith(`${name}@`)) troubles.set(key, { ...trouble, untilMs: 0 });
  }
};

/**
 * Reports that a remote does not work, once on this page: where several versions fail in the same way, the
 * others say nothing new.
 * @returns the error for the card, which does not report it again
 */
export const reportBroken = (name: string, cause: unknown): Error => {
  const error = cause instanceof Error ? cause : new Error(`remote ${name} threw`, { cause });
  // A call that got no answer is no defect, but a whole remote that did not come is.
  const isMissing = isUnreachable(error);
  const key = isNotLoaded(error) ? name : `${name}: ${error.message}`;
  if (reported.has(key) || error instanceof ContractError) markShown(error);
  else reportShown(isMissing ? new Error(`remote ${name} did not load`, { cause }) : error);
  reported.add(key);
  return error;
};
