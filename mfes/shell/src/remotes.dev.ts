import type { Mount } from '../../../shared/client/host.ts';

const modules = import.meta.glob<{ mount: Mount }>('../../*/src/mount.ts');

/** In development remotes are modules of the same server: no federation, hot replacement everywhere. */
export const loadRemote = async (name: string): Promise<Mount> => {
  const module = modules[`../../${name}/src/mount.ts`];
  if (module === undefined) throw new Error(`there is no remote ${name}`);
  return (await module()).mount;
};
