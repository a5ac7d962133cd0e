import { AppError } from '../../../broker/calls/errors.ts';
import type { AdminAction } from '../admin.ts';
import { snapshotOf } from '../system/snapshot.ts';

export const system: AdminAction<'system'> = async ({ state, nodeId }) => {
  const snapshot = snapshotOf(state.system, nodeId);
  // This process has just started.
  if (!snapshot) throw new AppError('unavailable', { retryAfterS: 1 });
  return snapshot;
};
