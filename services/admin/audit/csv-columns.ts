import type { EntryRow } from '../persistence/entries.ts';

/** The columns of an exported entry. */
export const CSV_COLUMNS = [
  ...['id', 'at', 'action', 'actor_id', 'actor_role', 'actor_name', 'actor_email'],
  ...['person_id', 'person_name', 'person_email', 'target_type', 'target_id', 'reason'],
  ...['address', 'device', 'session_id', 'request_id', 'before', 'after', 'trace_id'],
] as const satisfies readonly (keyof EntryRow)[];
