import type { Queryable } from '../../../broker/postgres/database.ts';
import type { AuditEntry } from '../../../shared/contracts/admin/audit.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Details } from '../domain/details.ts';

/** An entry as it is inserted. */
export type NewEntry = Details & {
  id: string;
  at: Date;
  action: string;
  requestId: string | null;
  actorName: string | null;
  actorEmail: string | null;
  personName: string | null;
  personEmail: string | null;
};

export type EntryRow = {
  id: string;
  at: Date;
  action: string;
  actor_id: UserId | null;
  actor_role: string | null;
  actor_name: string | null;
  actor_email: string | null;
  person_id: UserId | null;
  person_name: string | null;
  person_email: string | null;
  target_type: string | null;
  target_id: string | null;
  people: UserId[];
  address: string | null;
  device: string | null;
  session_id: string | null;
  request_id: string | null;
  reason: string | null;
  /** JSON text. */
  before: string | null;
  after: string | null;
  trace_id: string | null;
};

export const ENTRY_COLUMNS = `id, at, action, actor_id, actor_role, actor_name, actor_email, person_id,
  person_name, person_email, target_type, target_id, people, address, device, session_id, request_id, reason,
  before, after, trace_id`;

const jsonOf = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** Inserts an entry; one whose event has an entry already is ignored. */
export const insertEntry = async (db: Queryable, entry: NewEntry): Promise<void> => {
  await db.query(
    `with added as (
       insert into entries (${ENTRY_COLUMNS})
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
       on conflict (id) do nothing returning id
     ), queued as (
       insert into unsealed (entry_id) select id from added
     )
     insert into entry_people (person_id, entry_id) select unnest($13::text[]), id from added`,
    [
      entry.id,
      entry.at,
      entry.action,
      entry.actorId,
      entry.actorRole,
      entry.actorName,
      entry.actorEmail,
      entry.personId,
      entry.personName,
      entry.personEmail,
      entry.targetType,
      entry.targetId,
      entry.people,
      entry.address,
      entry.device,
      entry.sessionId,
      entry.requestId,
      entry.reason,
      jsonOf(entry.before),
      jsonOf(entry.after),
      entry.traceId,
    ],
  );
};

const stateOf = (text: string | null): Record<string, unknown> | null =>
  text === null ? null : (JSON.parse(text) as Record<string, unknown>);

export const toEntry = (row: EntryRow): AuditEntry => ({
  id: row.id as AuditEntry['id'],
  at: row.at.toISOString(),
  action: row.action,
  actor: row.actor_id && {
    id: row.actor_id,
    role: row.actor_role,
    name: row.actor_name,
    email: row.actor_email,
  },
  person: row.person_id && { id: row.person_id, name: row.person_name, email: row.person_email },
  target:
    row.target_type !== null && row.target_id !== null ? { type: row.target_type, id: row.target_id } : null,
  reason: row.reason,
  address: row.address,
  device: row.device,
  sessionId: row.session_id,
  requestId: row.request_id,
  traceId: row.trace_id,
  before: stateOf(row.before),
  after: stateOf(row.after),
});
