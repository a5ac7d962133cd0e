import type { AuditEntry } from '../../../../../shared/contracts/admin/audit.ts';
import { ROLE_LABELS } from '../../parts/user-texts.ts';

/** An entry and the names in it, for its sentence. */
export type Said = {
  entry: AuditEntry;
  /** `Payloom` where nobody asked. */
  actor: string;
  person: string;
  locale: string;
};

/** `group` and `label` are what a filter offers; `say` makes the sentence, without the reason. */
export type EventText = { group: string; label: string; say: (said: Said) => string };

/** A value after the event, as text; empty where there is none. */
export const valueOf = ({ after }: Pick<AuditEntry, 'after'>, name: string): string => {
  const value = after?.[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
};

export const roleOf = (role: unknown): string =>
  (typeof role === 'string' && ROLE_LABELS[role as keyof typeof ROLE_LABELS]) || 'another role';
