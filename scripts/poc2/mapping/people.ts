import { canonicalEmail, emailProblem } from '../../../shared/contracts/email-address.ts';
import { personName } from '../../../shared/contracts/auth/fields.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { ROLES } from '../../../shared/contracts/roles.ts';
import { idOf } from './ids.ts';
import { isFuture, timeColumn, timeOf } from './times.ts';
import type { MappingContext } from './table-mapping.ts';

/** What of a user decides about its mapping, as columns that other tables' rows have too. */
export type UserColumns<P extends string> = Record<
  `${P}_id` | `${P}_email` | `${P}_role` | `${P}_created_at`,
  string | null
>;

/** Columns of a joined user, with a prefix. */
export const userColumns = (alias: string, prefix: string): string =>
  `${alias}.id as ${prefix}_id, ${alias}.email as ${prefix}_email, ${alias}.role::text as ${prefix}_role,
   ${timeColumn(`${alias}.created_at`, `${prefix}_created_at`)}`;

/** A user of the source. */
export type SourceUser = { id: string; email: string; role: string; created_at: string | null };

/** The joined user; null where there is none. */
export const userIn = <P extends string>(row: UserColumns<P>, prefix: P): SourceUser | null => {
  const { [`${prefix}_id`]: id, [`${prefix}_email`]: email } = row as Record<string, string | null>;
  const { [`${prefix}_role`]: role, [`${prefix}_created_at`]: at } = row as Record<string, string | null>;
  return id == null ? null : { id, email: email ?? '', role: role ?? '', created_at: at ?? null };
};

export const userIdOf = ({ id, created_at: at }: Pick<SourceUser, 'id' | 'created_at'>): UserId =>
  idOf('user', { table: 'users', id }, timeOf(at)?.ms ?? 0);

/** An address that is in its one form already. */
const PLAIN_EMAIL = /^[a-z0-9.+_-]{1,64}@[a-z0-9.-]{1,180}$/;
const SUFFIX_DIGITS = 12;

/** An address in its one form. */
export const addressOf = (email: string): string => (PLAIN_EMAIL.test(email) ? email : canonicalEmail(email));

/** The address with a suffix made of the user's new id. */
export const suffixed = (user: Pick<SourceUser, 'id' | 'email' | 'created_at'>): string => {
  const address = addressOf(user.email);
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}+poc2-${userIdOf(user).slice(-SUFFIX_DIGITS)}${address.slice(at)}`;
};

/** The address that a user gets: its own, unless another one has it. */
export const emailOf = (user: SourceUser, { equalEmails }: MappingContext): string =>
  equalEmails.has(user.id) ? suffixed(user) : addressOf(user.email);

export type UserProblem = { kind: string; detail: string };

const isRole = (role: string): boolean => (ROLES as readonly string[]).includes(role);

/** Why a user is refused, and all that belongs to it; null when it is mapped. */
export const userProblem = (user: SourceUser, context: MappingContext): UserProblem | null => {
  const { equalEmails, options } = context;
  const created = timeOf(user.created_at);
  if (created === null)
    return { kind: 'time_unusable', detail: 'has no time of its creation between 1970 and 9999' };
  if (isFuture(created, context) && options.future !== 'keep')
    return { kind: 'time_in_future', detail: `was made at ${created.iso}; --future keep keeps such times` };
  if (equalEmails.has(user.id) && options.equalEmails !== 'suffix') {
    const detail = `an older user has the address ${user.email}; --equal-emails suffix adds a suffix`;
    return { kind: 'email_equal', detail };
  }
  const problem = emailProblem(emailOf(user, context));
  if (problem !== null) return { kind: 'email_unusable', detail: `e-mail address ${problem}` };
  return isRole(user.role) ? null : { kind: 'role_unknown', detail: `the role ${user.role} is unknown` };
};

const NAME_MAX = 100;
const NOT_IN_NAMES = /[\p{C}\p{DI}\u2028\u2029]/gu;

/** Most names: they need none of the rules for all of Unicode. */
const PLAIN_NAME = /^(?=.{1,100}$)[A-Za-zÀ-ÖØ-öø-ÿ]+(?:[ '.-][A-Za-zÀ-ÖØ-öø-ÿ]+)*$/;

export type CleanName = { name: string; problem: null | 'name_long' | 'name_unusable' };

/** A name by our rules, on one line, with what was wrong with the given one. */
export const cleanName = (given: string | null, email: string): CleanName => {
  if (given !== null && PLAIN_NAME.test(given)) return { name: given, problem: null };
  const parsed = personName.safeParse(given ?? '');
  if (parsed.success) return { name: parsed.data, problem: null };
  const plain = (given ?? '').replaceAll(NOT_IN_NAMES, ' ').trim();
  const cut = personName.safeParse([...plain].slice(0, NAME_MAX).join(''));
  const isLong = [...plain].length > NAME_MAX;
  if (cut.success) return { name: cut.data, problem: isLong ? 'name_long' : 'name_unusable' };
  const local = personName.safeParse(email.split('@')[0] ?? '');
  return { name: local.success ? local.data : 'User', problem: 'name_unusable' };
};
