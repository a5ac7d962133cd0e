import { detailsActions } from '../../../shared/contracts/profile/details.ts';
import { BIOGRAPHY_MAX } from '../../../shared/contracts/profile/sizes.ts';
import { creationOf, noteLastChange, notesOn, type Notes } from './notes.ts';
import { userColumns, userIdOf, userIn, userProblem, type UserColumns } from './people.ts';
import { preferencesOf, type Unusable } from './preferences.ts';
import { laterOf, timeColumn, timeOf } from './times.ts';
import type { Mapped, MappingContext, TableMapping, TargetRow, Value } from './table-mapping.ts';

export type UserProfileSource = UserColumns<'user'> & {
  id: string;
  avatar_url: string | null;
  phone: string | null;
  address: string | null;
  bio: string | null;
  preferences: string | null;
  created_at: string | null;
  updated_at: string | null;
};

type Field = 'phone' | 'addressLine1' | 'addressLine2' | 'biography';

/** The text as our rules have it; null where they refuse it. */
const byRules = (field: Field, text: string): string | null => {
  const parsed = detailsActions.saveDetails.params.safeParse({ version: 0, [field]: text });
  return parsed.success ? (parsed.data[field] ?? null) : null;
};

const given = (text: string | null): string | null => (text === null || text.trim() === '' ? null : text);

const LINE_MAX = 120;

/** An address on two lines: its own, or parts between commas, of which as many as fit are on the first. */
const linesOf = (address: string): [string, string | null] | null => {
  const [first = '', ...others] = address
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const second = others.join(', ');
  if (first.length <= LINE_MAX) return second.length <= LINE_MAX ? [first, second || null] : null;
  const at = first.lastIndexOf(', ', LINE_MAX);
  const rest = at < 0 ? '' : [first.slice(at + 2), second].filter(Boolean).join(', ');
  return at < 0 || rest.length > LINE_MAX ? null : [first.slice(0, at), rest];
};

const NO_ADDRESS = { address_line1: null, address_line2: null };

const addressOf = (text: string | null, unusable: Unusable): Record<string, Value> => {
  const address = given(text);
  if (address === null) return NO_ADDRESS;
  const lines = linesOf(address);
  const first = lines && byRules('addressLine1', lines[0]);
  const second = lines?.[1] ? byRules('addressLine2', lines[1]) : null;
  if (lines === null || first === null || (lines[1] !== null && second === null)) {
    unusable('address_unusable', 'the address does not fit on two lines of 120 characters, or breaks a rule');
    return NO_ADDRESS;
  }
  return { address_line1: first, address_line2: second };
};

const phoneOf = (text: string | null, unusable: Unusable): string | null => {
  const phone = given(text);
  if (phone === null) return null;
  // 00 is how many countries dial what + stands for.
  const number = byRules('phone', phone.trim().replace(/^00(?=[1-9])/, '+'));
  if (number === null) unusable('phone_unusable', 'the telephone number has no country or no such form');
  return number;
};

const biographyOf = (
  text: string | null,
  unusable: Unusable,
  { options }: MappingContext,
  notes: Notes,
): string | null => {
  const bio = given(text)?.trim();
  if (bio === undefined) return null;
  const isLong = bio.length > BIOGRAPHY_MAX;
  if (isLong && options.long !== 'cut')
    notes.refused('biography_long', `the biography has ${bio.length} characters; --long cut cuts it`);
  else if (isLong) notes.mapped('biography_long', `the biography is cut after ${BIOGRAPHY_MAX} characters`);
  const kept = byRules('biography', isLong ? bio.slice(0, BIOGRAPHY_MAX).toWellFormed().trim() : bio);
  if (kept === null) unusable('biography_unusable', 'the biography breaks a rule, or has a card number');
  return kept;
};

const rowsOf = (
  userId: string,
  at: string,
  values: { details: Record<string, Value>; preferences: Record<string, Value> | null },
): TargetRow[] => {
  const ends = { version: 1, updated_at: at };
  const { details, preferences } = values;
  const hasDetails = Object.values(details).some((value) => value !== null);
  return [
    ...(hasDetails
      ? [{ database: 'profile' as const, table: 'details', values: { user_id: userId, ...details, ...ends } }]
      : []),
    ...(preferences
      ? [
          {
            database: 'profile' as const,
            table: 'preferences',
            values: { user_id: userId, ...preferences, ...ends },
          },
        ]
      : []),
  ];
};

const map = (row: UserProfileSource, context: MappingContext): Mapped => {
  const notes = notesOn('user_profiles', row.id);
  const user = userIn(row, 'user');
  if (user === null) notes.refused('user_missing', 'belongs to no user');
  else if (userProblem(user, context) !== null)
    notes.refused('user_refused', `belongs to the user ${user.id}, who is refused`);
  const created = creationOf(row.created_at, context, notes);
  if (user === null || created === null) return notes.result(() => []);
  const unusable: Unusable = (kind, detail) => {
    if (context.options.unusable === 'drop') notes.mapped(kind, `${detail}: left out`);
    else notes.refused(kind, `${detail}; --unusable drop leaves it out`);
  };
  if (given(row.avatar_url) !== null)
    unusable('avatar_address', 'the avatar is an address of another server, not an image');
  const details = {
    phone: phoneOf(row.phone, unusable),
    ...addressOf(row.address, unusable),
    biography: biographyOf(row.bio, unusable, context, notes),
  };
  const preferences = preferencesOf(row.preferences, unusable, notes);
  const changed = timeOf(row.updated_at);
  noteLastChange(changed, created, context, notes);
  const at = laterOf(created, changed).iso;
  return notes.result(() => rowsOf(userIdOf(user), at, { details, preferences }));
};

export const userProfiles: TableMapping<UserProfileSource> = {
  table: 'user_profiles',
  select: `select p.id, p.avatar_url, p.phone, p.address, p.bio, p.preferences::text as preferences,
    ${timeColumn('p.created_at', 'created_at')}, ${timeColumn('p.updated_at', 'updated_at')},
    ${userColumns('u', 'user')}
    from user_profiles p left join users u on u.id = p.user_id`,
  key: 'p.id',
  targets: [
    { database: 'profile', table: 'details' },
    { database: 'profile', table: 'preferences' },
  ],
  map,
};
