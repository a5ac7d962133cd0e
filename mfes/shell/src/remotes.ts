import type { Mount } from '../../../shared/client/host.ts';
import type { RemoteFiles } from '../../../shared/client/remote-files.ts';
import { observed } from '../../../shared/telemetry/observed.ts';
import { attemptsAt, forgiveLoads, noteFailedLoad, noteTried, reportBroken } from './remotes/broken.ts';
import { buildOf, importMount } from './remotes/builds.ts';
import { ContractError, isMountable, type Choice } from './remotes/choice.ts';
import type { Loaded, LoadMode } from './remotes/loaded.ts';
import { addressed, describe, preload } from './remotes/manifest.ts';
import { planFor } from './remotes/plan.ts';
import { withoutStall } from './remotes/time-limit.ts';
import { router } from './routing/router.svelte.ts';

const STALL_MS = 5_000;
const loads = new Map<string, Promise<Loaded>>();

const loadChoice = async (
  name: string,
  choice: Choice,
  path: string,
): Promise<{ mount: Mount; files: RemoteFiles }> => {
  noteTried(name, choice.version);
  const startMs = performance.now();
  const report = (kind: 'remote' | 'remote-failed'): void => {
    const value = performance.now() - startMs;
    observed({ kind: 'measured', sample: { kind, of: name, value, detail: choice.version } });
  };
  try {
    const loaded = await withoutStall(STALL_MS, `remote ${name}`, async (alive) => {
      const files = await describe(choice);
      if (!isMountable(files)) throw new ContractError(name, files.contract ?? 1);
      alive();
      const build = addressed(buildOf(files), attemptsAt(name, choice.version));
      await preload(build, path, alive);
      return { files, mount: await importMount(name, build, path) };
    });
    report('remote');
    return loaded;
  } catch (error) {
    report('remote-failed');
    throw error;
  }
};

/** Tries the versions of a plan one after the other. */
const loadPlanned = async (name: string, mode: LoadMode, path: string): Promise<Loaded> => {
  const { choices, fallback } = await planFor(name, mode);
  let first: Error | undefined;
  for (const choice of choices) {
    try {
      return { ...(await loadChoice(name, choice, path)), fallback: fallback(choice.version) };
    } catch (cause) {
      noteFailedLoad(name, choice.version);
      // The others are tried because this one failed: one report says all.
      first ??= reportBroken(name, cause);
    }
  }
  throw first ?? new Error(`there is no remote ${name}`);
};

const load = async (name: string, mode: LoadMode, path: string): Promise<Loaded> => {
  if (mode === 'again' || mode === 'newest') forgiveLoads(name);
  try {
    return await loadPlanned(name, mode, path);
  } catch (cause) {
    // Behind a version that is shown nobody waits for this one.
    throw mode === 'newest' ? cause : reportBroken(name, cause);
  }
};

/**
 * Loads a remote, in the version of this user or the best one that works; one that failed is loaded again.
 * @param path the page that comes with it
 */
export const loadRemote = (
  name: string,
  mode: LoadMode = 'kept',
  path: string = router.path,
): Promise<Loaded> => {
  const known = loads.get(name);
  if (mode === 'kept' && known !== undefined) return known;
  const started = load(name, mode, path);
  // Until a newer version has loaded, the one that is shown stays the one to show.
  if (mode === 'newest') void started.then(() => loads.set(name, started)).catch(() => {});
  else {
    loads.set(name, started);
    started.catch(() => {
      if (loads.get(name) === started) loads.delete(name);
    });
  }
  return started;
};
