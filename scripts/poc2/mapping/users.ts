import { searchedText } from '../../../services/admin/persistence/people.ts';
import { oldIdRow } from './ids.ts';
import { noteLastChange, notesOn, type Notes } from './notes.ts';
import { cleanName, emailOf, userIdOf, userProblem, type SourceUser } from './people.ts';
import { isFuture, laterOf, timeColumn, timeOf, type Time } from './times.ts';
import type { Mapped, MappingContext, TableMapping, TargetRow } from './table-mapping.ts';

export type UserSource = SourceUser & {
  name: string | null;
  password_hash: string | null;
  updated_at: string | null;
};

/** bcrypt at a cost that a sign-in can pay; auth replaces it by argon2id at the next one. */
const BCRYPT = /^\$2[aby]\$(?:0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}$/;

/** A hash of argon2id that no password has: all of its bits are zero. */
export const NO_PASSWORD =
  '$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

const passwordOf = (hash: string | null, notes: Notes): { hash: string; state: 'set' | 'reset' } => {
  if (hash !== null && BCRYPT.test(hash)) return { hash, state: 'set' };
  notes.mapped('password_hash_unknown', 'is no hash of bcrypt; the user needs a link to set a password');
  return { hash: NO_PASSWORD, state: 'reset' };
};

/** No name refuses its user: with the user, all payments would be refused. */
const nameIn = (row: UserSource, email: string, notes: Notes): string => {
  const { name, problem } = cleanName(row.name, email);
  if (problem === 'name_long') notes.mapped(problem, `the name is cut and becomes ${name}`);
  else if (problem !== null) notes.mapped(problem, `the name cannot be used and becomes ${name}`);
  return name;
};

const rowsOf = (
  row: UserSource,
  person: { email: string; name: string; created: Time },
  password: { hash: string; state: string },
): TargetRow[] => {
  const { email, name, created } = person;
  const { role } = row;
  const id = userIdOf(row);
  const copy = { id, email, name, role, status: 'active', version: 1 };
  return [
    {
      database: 'auth',
      table: 'users',
      values: {
        ...copy,
        password_hash: password.hash,
        password_state: password.state,
        created_at: created.iso,
        updated_at: laterOf(created, timeOf(row.updated_at)).iso,
      },
    },
    oldIdRow('auth', row.id, id),
    { database: 'payments', table: 'parties', values: copy },
    { database: 'admin', table: 'people', values: { ...copy, searched: searchedText({ name, email }) } },
  ];
};

const map = (row: UserSource, context: MappingContext): Mapped => {
  const notes = notesOn('users', row.id);
  const problem = userProblem(row, context);
  if (problem !== null) {
    notes.refused(problem.kind, problem.detail);
    return notes.result(() => []);
  }
  const email = emailOf(row, context);
  const created = timeOf(row.created_at) as Time;
  noteLastChange(timeOf(row.updated_at), created, context, notes);
  if (isFuture(created, context)) notes.mapped('time_in_future', `${created.iso} is kept`);
  if (context.equalEmails.has(row.id)) notes.mapped('email_equal', `${row.email} becomes ${email}`);
  const name = nameIn(row, email, notes);
  const password = passwordOf(row.password_hash, notes);
  return notes.result(() => rowsOf(row, { email, name, created }, password));
};

export const users: TableMapping<UserSource> = {
  table: 'users',
  select: `select u.id, u.email, u.name, u.role::text as role, u.password_hash,
    ${timeColumn('u.created_at', 'created_at')}, ${timeColumn('u.updated_at', 'updated_at')}
    from users u`,
  key: 'u.id',
  targets: [
    { database: 'auth', table: 'users' },
    { database: 'auth', table: 'poc2_ids' },
    { database: 'payments', table: 'parties' },
    { database: 'admin', table: 'people' },
  ],
  map,
};
