import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { AuditEntry } from '../../../../../shared/contracts/admin/audit.ts';

/**
 * The entries that came after a known one: ids grow with time. That the reader reads the log is an entry too,
 * and no news to the reader.
 */
export const newsAmong = (
  entries: readonly AuditEntry[],
  newest: string,
  readerId: string | undefined,
): AuditEntry[] =>
  entries.filter(
    ({ id, action, actor }) =>
      id > newest && !(action === admin.events.administratorRead.name && actor?.id === readerId),
  );

/** `2 new entries`; '' for none. */
export const arrivalsText = (count: number, most: number): string => {
  if (count === 0) return '';
  if (count === 1) return '1 new entry';
  return `${count >= most ? `${most} or more` : count} new entries`;
};
