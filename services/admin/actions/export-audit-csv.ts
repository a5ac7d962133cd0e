import type { AdminAction } from '../admin.ts';
import { csvPart } from '../audit/export-entries.ts';

export const exportAuditCsv: AdminAction<'exportAuditCsv'> = (service, call) => csvPart(service, call.params);
