import { callerOf } from '../../../broker/calls/implement.ts';
import { publicExport } from '../exports/public-export.ts';
import { findExport } from '../persistence/exports.ts';
import type { ProfileAction } from '../profile.ts';

export const dataExport: ProfileAction<'dataExport'> = async ({ db, clock }, call) => {
  const row = await findExport(db, callerOf(call).userId, clock.now());
  return { export: row && publicExport(row) };
};
