import { auditEntry } from '../../../shared/contracts/admin/audit.ts';
import { toEntry, type EntryRow } from '../../../services/admin/persistence/entries.ts';
import { anEntry, given, kindsOf, nobody, rowsIn } from '../testing/source-rows.ts';
import { actionOf } from './audit-actions.ts';
import { auditLogs } from './audit-logs.ts';

const map = (over: Parameters<typeof anEntry>[0], context = given()) => auditLogs.map(anEntry(over), context);
const entry = (over: Parameters<typeof anEntry>[0]) => rowsIn(map(over), 'entries')[0] ?? {};

it.each([
  ['USER_CREATED', 'auth.user-changed', null],
  ['user.created', 'auth.user-changed', 'action_spelling'],
  ['auth:user:logged_in', 'auth.session-started', 'action_spelling'],
  ['user:password-changed', 'auth.password-changed', 'action_spelling'],
  ['payments:payment:completed', 'payments.completed', 'action_spelling'],
  ['CONFIG_UPDATED', 'admin.setting-changed', null],
  ['Something else!', 'poc2.something-else', 'action_unknown'],
  ['', 'poc2.unknown', 'action_unknown'],
  [null, 'poc2.unknown', 'action_unknown'],
  ['constructor', 'poc2.constructor', 'action_unknown'],
])('the action %j is %s', (given, name, problem) => {
  expect(actionOf(given)).toEqual({ name, problem });
});

it('an entry about a payment names the payment, its payee, and all whom it concerns', () => {
  const mapped = map({ details: '{"amount": "12.50", "currency": "EUR", "reason": "As agreed"}' });
  const [row] = rowsIn(mapped, 'entries');
  expect(row).toMatchObject({
    ...{
      id: expect.stringMatching(/^evt_[0-9a-f]{32}$/),
      at: anEntry().created_at,
      action: 'payments.created',
    },
    ...{ actor_name: 'Ada Person', actor_email: 'person1@example.com', actor_role: 'CUSTOMER' },
    ...{ person_name: 'Bob Person', person_email: 'person2@example.com' },
    ...{ target_type: 'payment', target_id: expect.stringMatching(/^pay_/), reason: 'As agreed' },
    ...{ address: '192.0.2.7', device: 'curl/8.5.0', before: null },
    after: '{"amount":"12.50","currency":"EUR","amountMinor":1250}',
  });
  const people = row?.['people'] as string[];
  expect(people).toEqual([row?.['actor_id'], row?.['person_id']].sort());
  expect(rowsIn(mapped, 'entry_people')).toEqual(
    people.map((person_id) => ({ person_id, entry_id: row?.['id'] })),
  );
  expect(rowsIn(mapped, 'unsealed')).toEqual([{ entry_id: row?.['id'] }]);
  expect(rowsIn(mapped, 'poc2_ids')).toEqual([{ old_id: anEntry().id, new_id: row?.['id'] }]);
});

it('it is an entry by the contract', () => {
  const made = entry({ details: '{"a": 1}' });
  const row = { ...made, session_id: null, request_id: null, trace_id: null };
  const read = toEntry({ ...row, at: new Date(String(made['at'])) } as unknown as EntryRow);
  expect(auditEntry.parse(read)).toEqual(read);
});

const NO_PAYMENT = { payment_created_at: null, ...nobody('payer'), ...nobody('payee'), payee_name: null };

it('a change of a role has the role before and after', () => {
  const details = '{"oldRole": "CUSTOMER", "newRole": "VENDOR"}';
  expect(entry({ ...NO_PAYMENT, action: 'ROLE_CHANGED', details })).toMatchObject({
    ...{ action: 'auth.role-changed', before: '{"role":"CUSTOMER"}', after: '{"role":"VENDOR"}' },
  });
});

it('secrets and card numbers in details stay behind', () => {
  const details = '{"password": "abc", "nested": {"refreshToken": "abc"}, "note": "4242 4242 4242 4242"}';
  const { after } = entry({ details });
  expect(JSON.parse(String(after))).toEqual({
    ...{ password: '[removed]', nested: { refreshToken: '[removed]' }, note: '[removed]' },
  });
});

it('secrets are known by the words of their names, and by their form', () => {
  const secret = {
    api_key: 'a',
    smtpPass: 'a',
    DB_PWD: 1,
    'access-key': 'a',
    otp: '123456',
    privateKey: 'a',
  };
  const forms = {
    address: 'postgres://app:abc@db/app',
    header: 'Bearer abcdefgh12345678',
    pem: '-----BEGIN KEY-----',
  };
  const kept = { passenger: 'a', shipping: 'b', key: 'c', site: 'https://example.com/a:b', passed: 1 };
  const details = JSON.stringify({ ...secret, ...forms, ...kept });
  const removed = Object.fromEntries(Object.keys({ ...secret, ...forms }).map((name) => [name, '[removed]']));
  expect(JSON.parse(String(entry({ details })['after']))).toEqual({ ...removed, ...kept });
});

it('numbers stay as they were written', () => {
  const text = '{"count":12345678901234567890,"rate":10.10,"parts":[1.0,-0,1e400],"plain":7}';
  expect(entry({ details: text })['after']).toBe(text);
  expect(entry({ details: '{"amount": 10.10, "currency": "KWD"}' })['after']).toBe(
    '{"amount":10.10,"currency":"KWD","amountMinor":10100}',
  );
});

it('details that are no object are kept as a value', () => {
  expect(entry({ details: '[1, 2]' })['after']).toBe('{"value":[1,2]}');
  expect(entry({ details: 'null' })['after']).toBeNull();
});

it('who signed in is also the person', () => {
  const row = entry({ ...NO_PAYMENT, action: 'LOGIN', resource_id: null, resource_type: null });
  expect(row).toMatchObject({ target_type: null, target_id: null, person_id: row['actor_id'] });
});

it('something that the source has no longer keeps its old id, and nobody is invented', () => {
  const row = entry({ ...NO_PAYMENT, ...nobody('actor'), actor_name: null });
  expect(row).toMatchObject({
    ...{ target_type: 'payment', target_id: anEntry().resource_id },
    ...{ actor_id: null, actor_role: null, person_id: null, people: [] },
  });
});

it('an entry of the future is refused, unless the owner wants it kept', () => {
  const over = { created_at: '2027-01-01T00:00:00.000Z' };
  expect(kindsOf(map(over))).toEqual(['time_in_future refused']);
  expect(kindsOf(map(over, given({ future: 'keep' })))).toEqual(['time_in_future mapped']);
});
