import { sessionSettled, session } from '../session/session.svelte.ts';
import { recall, remember } from '../session/storage.ts';
import { failedRuns, isBroken } from './broken.ts';
import { choicesOf, ContractError, isMountable, wantedOf, type Choice } from './choice.ts';
import type { Fallback, LoadMode } from './loaded.ts';
import { manifest } from './manifest.ts';
import { overrideOf } from './override.svelte.ts';
import { workedOf } from './worked.ts';

type Plan = { choices: Choice[]; fallback(version: string): Fallback };

const BROWSER_KEY = 'payloom-browser';

/** The user, or before a sign-in the browser, by a random value: who always gets the same version. */
const who = async (): Promise<string> => {
  await sessionSettled;
  if (session.user) return session.user.id;
  const kept = recall(BROWSER_KEY) ?? Math.random().toString(36).slice(2);
  remember(BROWSER_KEY, kept);
  return kept;
};

const NONE: Pick<Plan, 'fallback'> = { fallback: () => null };

/**
 * The versions of a remote to try, the best first.
 * @throws ContractError when this shell can mount none of them
 * @throws UnreachableError when the manifest does not arrive and no version has worked in this browser
 */
export const planFor = async (name: string, mode: LoadMode): Promise<Plan> => {
  const override = await overrideOf(name);
  if (override) return { choices: [override], ...NONE };
  const worked = workedOf(name);
  const order = (wanted: readonly Choice[]) =>
    choicesOf(wanted, worked, (version) => isBroken(name, version));
  let remote;
  try {
    remote = (await manifest(mode !== 'kept')).remotes[name];
  } catch (error) {
    if (mode === 'newest' || worked.length === 0) throw error;
    return { choices: order([]), ...NONE };
  }
  if (remote === undefined) throw new Error(`there is no remote ${name}`);
  const wanted = wantedOf(name, remote, remote.canary ? await who() : '');
  if (mode === 'newest') {
    if (failedRuns(name, wanted.version) > 0) throw new Error(`remote ${name} is still the one that failed`);
    return { choices: [wanted], ...NONE };
  }
  const choices = order([wanted, remote, ...(remote.previous ? [remote.previous] : [])]);
  if (choices.length === 0) throw new ContractError(name, wanted.contract ?? 1);
  const fallback = (version: string): Fallback => {
    if (version === wanted.version || version === remote.version) return null;
    return isMountable(wanted) ? 'broken' : 'shell';
  };
  return { choices, fallback };
};
