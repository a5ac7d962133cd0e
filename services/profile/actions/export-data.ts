import { randomUUID } from 'node:crypto';
import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf } from '../../../broker/calls/implement.ts';
import { profile } from '../../../shared/contracts/profile.ts';
import { EXPORT_WORK } from '../exports/exporter.ts';
import { publicExport } from '../exports/public-export.ts';
import { startExport } from '../persistence/exports.ts';
import type { ProfileAction } from '../profile.ts';

export const exportData: ProfileAction<'exportData'> = ({ db, clock, outbox }, call) => {
  const { userId } = callerOf(call);
  return db.transaction(async (tx) => {
    const at = clock.now();
    const row = await startExport(tx, { id: randomUUID(), userId, at });
    if (!row) throw new AppError('export_running');
    await outbox.add(tx, profile.events.exportRequested, { userId, at: at.toISOString() });
    tx.afterCommit(() => db.wake(EXPORT_WORK));
    return publicExport(row);
  });
};
