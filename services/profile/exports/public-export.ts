import { EXPORT_SECTIONS, type DataExport } from '../../../shared/contracts/profile/data-export.ts';
import type { ExportRow } from '../persistence/exports.ts';

/** An export as its user sees it. */
export const publicExport = (row: ExportRow): DataExport => ({
  state: row.state,
  requestedAt: row.requestedAt.toISOString(),
  sectionsDone: row.section,
  sections: EXPORT_SECTIONS.length,
  items: row.items,
  sizeBytes: row.sizeBytes,
  expiresAt: row.expiresAt?.toISOString() ?? null,
});
