import type { Mount } from '../../../shared/client/host.ts';
import type { Loaded } from './remotes/loaded.ts';

const modules = import.meta.glob<{ mount: Mount }>('../../*/src/mount.ts');

/** In development remotes are modules of the same server: no federation, hot replacement everywhere. */
export const loadRemote = async (name: string): Promise<Loaded> => {
  const module = modules[`../../${name}/src/mount.ts`];
  if (module === undefined) throw new Error(`there is no remote ${name}`);
  const files = { version: '', entry: '', integrity: '', modules: [], styles: [] };
  return { mount: (await module()).mount, files, fallback: null };
};
