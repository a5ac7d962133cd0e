import {
  __federation_method_getRemote as getRemote,
  __federation_method_setRemote as setRemote,
} from 'virtual:__federation__';
import type { Mount } from '../../../shared/client/host.ts';
import { observed } from '../../../shared/telemetry/observed.ts';
import { filesOf, preload } from './remotes/manifest.ts';
import { within } from './remotes/time-limit.ts';

const LOAD_TIMEOUT_MS = 15_000;
const loads = new Map<string, Promise<Mount>>();
const failures = new Map<string, number>();

const load = async (name: string, seen: { version: string }): Promise<Mount> => {
  const failed = failures.get(name) ?? 0;
  const described = await filesOf(name, failed > 0);
  seen.version = described.version;
  // A module that failed once stays failed under its URL, so a retry asks under another.
  const files = failed === 0 ? described : { ...described, entry: `${described.entry}&retry=${failed}` };
  await preload(files, failed > 0);
  setRemote(name, { url: () => Promise.resolve(files.entry), format: 'esm', from: 'vite' });
  const exposed = await within(LOAD_TIMEOUT_MS, getRemote(name, './mount'), `remote ${name}`);
  const { mount } = exposed as { mount?: Mount };
  if (typeof mount !== 'function') throw new Error(`remote ${name} has no mount()`);
  return mount;
};

/** How long a remote took, or how long it was until it failed. */
const loadMeasured = async (name: string): Promise<Mount> => {
  const startMs = performance.now();
  const seen = { version: '' };
  const report = (kind: 'remote' | 'remote-failed'): void => {
    const value = performance.now() - startMs;
    observed({ kind: 'measured', sample: { kind, of: name, value, detail: seen.version } });
  };
  try {
    const mount = await load(name, seen);
    report('remote');
    return mount;
  } catch (error) {
    report('remote-failed');
    throw error;
  }
};

/** Loads a remote once; one that failed is loaded again by the next call. */
export const loadRemote = (name: string): Promise<Mount> => {
  const known = loads.get(name);
  if (known !== undefined) return known;
  const started = loadMeasured(name);
  loads.set(name, started);
  started.catch(() => {
    loads.delete(name);
    failures.set(name, (failures.get(name) ?? 0) + 1);
  });
  return started;
};
