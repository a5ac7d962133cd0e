import { ID_PREFIXES, type UserId } from '../../../shared/contracts/ids.ts';
import { actionOf } from './audit-actions.ts';
import { entryRows, type NamedUser } from './audit-entry.ts';
import { statesOf } from './audit-states.ts';
import { idOf, oldIdRow } from './ids.ts';
import { creationOf, notesOn, type Notes } from './notes.ts';
import { userColumns, userIdOf, userIn, type SourceUser, type UserColumns } from './people.ts';
import { timeColumn, timeOf } from './times.ts';
import type { Mapped, MappingContext, TableMapping } from './table-mapping.ts';

type Joined = UserColumns<'actor'> & UserColumns<'person'> & UserColumns<'payer'> & UserColumns<'payee'>;

export type AuditLogSource = Joined & {
  id: string;
  action: string | null;
  resource_type: string | null;
  resource_id: string | null;
  details: string | null;
  ip_address: string | null;
  user_agent: string | null;
  created_at: string | null;
  actor_name: string | null;
  person_name: string | null;
  payee_name: string | null;
  /** When the payment was made that the entry is about; null where it is about none. */
  payment_created_at: string | null;
};

const withName = (user: SourceUser | null, name: string | null): NamedUser | null =>
  user === null ? null : { ...user, name };

/** The kinds of things by POC-2's words. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['users', 'user'],
  ['payments', 'payment'],
  ['config', 'setting'],
  ['system_config', 'setting'],
]);

type Target = { target_type: string | null; target_id: string | null };

/** What the entry is about: with its new id where the source still has it, otherwise with the old one. */
const targetOf = (row: AuditLogSource): Target => {
  const { resource_id: id, resource_type: type } = row;
  if (id === null || id === '') return { target_type: null, target_id: null };
  const user = userIn(row, 'person');
  if (user !== null) return { target_type: 'user', target_id: userIdOf(user) };
  const paid = timeOf(row.payment_created_at);
  if (paid !== null) {
    const payment = idOf('payment', { table: 'payments', id }, paid.ms);
    return { target_type: 'payment', target_id: payment };
  }
  const given = (type ?? '').trim();
  const kind = Object.hasOwn(ID_PREFIXES, given) ? given : given.toLowerCase();
  return { target_type: TYPES.get(kind) ?? (kind === '' ? 'poc2' : kind), target_id: id };
};

const partiesOf = (row: AuditLogSource): UserId[] =>
  [userIn(row, 'payer'), userIn(row, 'payee')].filter((user) => user !== null).map(userIdOf);

/** On whom: the user that it is about, the payee of the payment, or else who did it. */
const personOf = (row: AuditLogSource, actor: NamedUser | null): NamedUser | null =>
  withName(userIn(row, 'person'), row.person_name) ??
  withName(userIn(row, 'payee'), row.payee_name) ??
  (row.resource_id === null || row.resource_id === '' ? actor : null);

const nameOf = ({ action }: AuditLogSource, notes: Notes): string => {
  const { name, problem } = actionOf(action);
  if (problem !== null) notes.mapped(problem, `${JSON.stringify(action)} becomes ${name}`);
  return name;
};

const map = (row: AuditLogSource, context: MappingContext): Mapped => {
  const notes = notesOn('audit_logs', row.id);
  const created = creationOf(row.created_at, context, notes);
  if (created === null) return notes.result(() => []);
  const id = idOf('event', { table: 'audit_logs', id: row.id }, created.ms);
  const actor = withName(userIn(row, 'actor'), row.actor_name);
  const values = {
    at: created.iso,
    action: nameOf(row, notes),
    ...targetOf(row),
    address: row.ip_address,
    device: row.user_agent,
    ...statesOf(row.details),
  };
  const entry = { id, actor, person: personOf(row, actor), people: partiesOf(row), values };
  return notes.result(() => [...entryRows(entry, context), oldIdRow('admin', row.id, id)]);
};

export const auditLogs: TableMapping<AuditLogSource> = {
  table: 'audit_logs',
  select: `select a.id, a.action, a.resource_type, a.resource_id, a.details::text as details,
    a.ip_address, a.user_agent, ${timeColumn('a.created_at', 'created_at')},
    ${userColumns('actor', 'actor')}, actor.name as actor_name,
    ${userColumns('person', 'person')}, person.name as person_name,
    ${timeColumn('paid.created_at', 'payment_created_at')},
    ${userColumns('payer', 'payer')}, ${userColumns('payee', 'payee')}, payee.name as payee_name
    from audit_logs a left join users actor on actor.id = a.user_id
    left join users person on person.id = a.resource_id left join payments paid on paid.id = a.resource_id
    left join users payer on payer.id = paid.sender_id left join users payee on payee.id = paid.recipient_id`,
  key: 'a.id',
  targets: [
    { database: 'admin', table: 'entries' },
    { database: 'admin', table: 'entry_people' },
    { database: 'admin', table: 'unsealed' },
    { database: 'admin', table: 'poc2_ids' },
  ],
  map,
};
