import { verify } from '@node-rs/argon2';
import { user, personName } from '../../../shared/contracts/auth/fields.ts';
import { canonicalEmail } from '../../../shared/contracts/email-address.ts';
import { aUser, given, kindsOf, NOW_MS, rowsIn } from '../testing/source-rows.ts';
import { fixedRows } from './deleted-user.ts';
import { users } from './users.ts';

const map = (over: Parameters<typeof aUser>[0], context = given()) => users.map(aUser(over), context);
const auth = (mapped: ReturnType<typeof map>) => rowsIn(mapped, 'users')[0];

it('a user gets a row of auth, its copies, and a row that knows the old id', () => {
  const mapped = map({});
  const id = auth(mapped)?.['id'];
  expect(auth(mapped)).toEqual({
    id: expect.stringMatching(/^usr_[0-9a-f]{32}$/),
    ...{ email: 'person1@example.com', name: 'Ada Person', role: 'CUSTOMER', status: 'active', version: 1 },
    ...{ password_hash: aUser().password_hash, password_state: 'set' },
    ...{ created_at: '2026-03-01T10:00:00.123Z', updated_at: '2026-03-02T10:00:00.000Z' },
  });
  const copy = { id, email: 'person1@example.com', name: 'Ada Person', role: 'CUSTOMER', status: 'active' };
  expect(rowsIn(mapped, 'parties')).toEqual([{ ...copy, version: 1 }]);
  expect(rowsIn(mapped, 'people')).toEqual([
    { ...copy, version: 1, searched: 'Ada Person person1@example.com' },
  ]);
  expect(rowsIn(mapped, 'poc2_ids')).toEqual([{ old_id: aUser().id, new_id: id }]);
  expect(mapped.irregularities).toEqual([]);
});

it.each([
  ['email_equal', { id: 'twin' }],
  ['email_unusable', { email: 'person at example.com' }],
  ['role_unknown', { role: 'OWNER' }],
  ['time_unusable', { created_at: null }],
  ['time_unusable', { created_at: '1969-12-31T23:59:59.999Z' }],
  ['time_unusable', { created_at: '10000-01-01T00:00:00.000Z' }],
  ['time_in_future', { created_at: '2026-11-30T00:01:00.001Z' }],
])('a user is refused: %s', (kind, over) => {
  const mapped = map(over, given({}, ['twin']));
  expect(kindsOf(mapped)).toEqual([`${kind} refused`]);
  expect(mapped.rows).toEqual([]);
});

it('a last change in the future is kept and reported', () => {
  const mapped = map({ updated_at: '2026-12-24T00:00:00.000Z' });
  expect(auth(mapped)?.['updated_at']).toBe('2026-12-24T00:00:00.000Z');
  expect(kindsOf(mapped)).toEqual(['change_in_future mapped']);
});

it('an address that an older user has gets a suffix, when the owner wants that', () => {
  const mapped = map({ email: ' PERSON1@Example.com' }, given({ equalEmails: 'suffix' }, [aUser().id]));
  expect(auth(mapped)?.['email']).toBe(`person1+poc2-${String(auth(mapped)?.['id']).slice(-12)}@example.com`);
  expect(kindsOf(mapped)).toEqual(['email_equal mapped']);
});

it.each([null, '', 'sha1:aabb', '$2b$31$' + 'a'.repeat(53), '$2b$10$short'])(
  'a password hash that auth cannot or should not verify becomes one of no password: %s',
  async (hash) => {
    const mapped = map({ password_hash: hash });
    expect(auth(mapped)?.['password_state']).toBe('reset');
    await expect(verify(String(auth(mapped)?.['password_hash']), hash ?? '')).resolves.toBe(false);
    expect(kindsOf(mapped)).toEqual(['password_hash_unknown mapped']);
  },
);

it.each([
  ['Ada\u0007 \u200bPerson', 'Ada Person'],
  [' ', 'person1'],
  [null, 'person1'],
  ['\u202eAda', 'Ada'],
])('a name that breaks our rules is cleaned: %j', (name, cleaned) => {
  const mapped = map({ name });
  expect(auth(mapped)?.['name']).toBe(cleaned);
  expect(personName.parse(cleaned)).toBe(cleaned);
  expect(kindsOf(mapped)).toEqual(['name_unusable mapped']);
});

it.each([
  'Ada Person',
  'Søren O’Brien',
  "Zoë d'Arc-Müller",
  'A  B',
  'Ada ',
  'é'.normalize('NFD'),
  'A'.repeat(100),
])('a good name is what our rules make of it: %j', (name) => {
  expect(auth(map({ name }))?.['name']).toBe(personName.parse(name));
});

it.each(['person@example.com', 'Person@EXAMPLE.com', ' person@example.com', 'person@bücher.example'])(
  'an address has its one form: %j',
  (email) => {
    expect(auth(map({ email }))?.['email']).toBe(canonicalEmail(email));
  },
);

it('a long name is cut, and a time in the future is kept when the owner wants that', () => {
  const later = new Date(NOW_MS + 86_400_000).toISOString();
  const mapped = map({ name: 'A'.repeat(101), created_at: later }, given({ future: 'keep' }));
  expect(auth(mapped)).toMatchObject({ name: 'A'.repeat(100), created_at: later, updated_at: later });
  expect(kindsOf(mapped)).toEqual(['time_in_future mapped', 'name_long mapped']);
});

it('what is mapped is a user by the contract', () => {
  const { created_at: createdAt, ...values } = auth(map({})) ?? {};
  expect(() => user.parse({ ...values, createdAt })).not.toThrow();
});

it('the closed account for payments without recipient is there only when they are mapped', () => {
  expect(fixedRows(given())).toEqual([]);
  const rows = fixedRows(given({ noRecipient: 'deleted-user' }));
  expect(rows.map(({ database, table }) => `${database}.${table}`)).toEqual([
    'auth.users',
    'payments.parties',
    'admin.people',
  ]);
  expect(rows.map(({ values }) => values['status'])).toEqual(['deleted', 'deleted', 'deleted']);
  expect(Object.keys(rows[0]?.values ?? {}).sort()).toEqual(Object.keys(auth(map({})) ?? {}).sort());
});
