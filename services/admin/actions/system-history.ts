import type { AdminAction } from '../admin.ts';
import { placeOf } from '../domain/processes.ts';
import { listChanges, listSamples } from '../persistence/system.ts';
import { REMEMBERED_MS } from '../system/watch.ts';

const CHANGES_MAX = 200;

export const systemHistory: AdminAction<'systemHistory'> = async ({ db, clock }) => {
  const since = new Date(clock.nowMs() - REMEMBERED_MS);
  const [samples, changes] = await Promise.all([listSamples(db, since), listChanges(db, since, CHANGES_MAX)]);
  return {
    samples,
    changes: changes.map(({ at, node_id: id, services, state }) => ({
      ...{ at: at.toISOString(), id, services, state },
      replica: placeOf(id).replica,
    })),
  };
};
