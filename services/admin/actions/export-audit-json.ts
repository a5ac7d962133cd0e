import type { AdminAction } from '../admin.ts';
import { jsonPart } from '../audit/export-entries.ts';

export const exportAuditJson: AdminAction<'exportAuditJson'> = (service, call) =>
  jsonPart(service, call.params);
