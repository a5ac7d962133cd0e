import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf } from '../../../broker/calls/implement.ts';
import { invalidCursor } from '../../../broker/postgres/cursors.ts';
import { findExport, readExportPart } from '../persistence/exports.ts';
import type { ProfileAction } from '../profile.ts';

export const downloadExport: ProfileAction<'downloadExport'> = async ({ db, clock }, call) => {
  const { cursor = '0' } = call.params;
  const row = await findExport(db, callerOf(call).userId, clock.now());
  if (row?.state !== 'ready') throw new AppError('export_not_ready');
  if (!/^\d{1,9}$/.test(cursor)) throw invalidCursor();
  const text = await readExportPart(db, row.id, Number(cursor));
  if (text === null) throw invalidCursor();
  const next = Number(cursor) + 1;
  return { text, nextCursor: next < row.parts ? String(next) : null };
};
