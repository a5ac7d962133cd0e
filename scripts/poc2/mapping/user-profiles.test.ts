import { details as detailsSchema } from '../../../shared/contracts/profile/details.ts';
import { aProfile, given, kindsOf, nobody, rowsIn } from '../testing/source-rows.ts';
import { userProfiles } from './user-profiles.ts';

const map = (over: Parameters<typeof aProfile>[0], context = given()) =>
  userProfiles.map(aProfile(over), context);
const dropping = given({ unusable: 'drop' });
const details = (over: Parameters<typeof aProfile>[0]) => rowsIn(map(over), 'details')[0];
const preferences = (json: string, context = given()) =>
  rowsIn(map({ preferences: json }, context), 'preferences')[0];

it('personal data are kept by our rules', () => {
  const over = { phone: '0049 (30) 123-456', address: 'Road 1\r\n10115 Berlin\n', bio: ' Bakes bread. ' };
  expect(details(over)).toEqual({
    ...{ user_id: expect.stringMatching(/^usr_/), phone: '+4930123456', biography: 'Bakes bread.' },
    ...{ address_line1: 'Road 1', address_line2: '10115 Berlin' },
    ...{ version: 1, updated_at: '2026-03-02T10:00:00.000Z' },
  });
  const { phone, biography, version } = details(over) ?? {};
  const none = { addressLine1: null, addressLine2: null, postalCode: null, city: null, country: null };
  expect(() => detailsSchema.parse({ phone, biography, version, ...none })).not.toThrow();
});

it('a user who has given nothing gets no row', () => {
  expect(map({ phone: null, address: ' ', bio: '', preferences: '{}' }).rows).toEqual([]);
});

it.each([
  ['phone_unusable', { phone: '020 7946 0018' }],
  ['phone_unusable', { phone: 'call me' }],
  ['address_unusable', { address: 'x'.repeat(121) }],
  ['avatar_address', { avatar_url: 'https://images.example.com/me.png' }],
  ['preferences_shape', { preferences: '"dark"' }],
  ['preferences_shape', { preferences: '[]' }],
  ['theme_unknown', { preferences: '{"theme": "blue"}' }],
  ['language_unknown', { preferences: '{"language": "tlh"}' }],
  ['time_zone_unknown', { preferences: '{"timezone": "Mars/Olympus"}' }],
  ['preferred_currency_unknown', { preferences: '{"currency": "XBT"}' }],
  ['notifications_unknown', { preferences: '{"notifications": "yes"}' }],
  ['notifications_unknown', { preferences: '{"notifications": {"email": "on"}}' }],
  ['preference_unknown', { preferences: '{"columns": 3}' }],
  ['biography_unusable', { bio: '\u0007' }],
])('what cannot be kept is refused, or left out when the owner wants that: %s', (kind, over) => {
  expect(kindsOf(map(over))).toEqual([`${kind} refused`]);
  expect(map(over).rows).toEqual([]);
  expect(kindsOf(map(over, dropping))).toEqual([`${kind} mapped`]);
});

it('a long address is parted at a comma, without a loss', () => {
  const address = `${'Very long street, '.repeat(8)}house 1`;
  const { address_line1: first, address_line2: second } = details({ address }) ?? {};
  expect(`${String(first)}, ${String(second)}`).toBe(address);
});

it('a long biography is cut, when the owner wants that', () => {
  expect(kindsOf(map({ bio: 'x'.repeat(501) }))).toEqual(['biography_long refused']);
  const mapped = map({ bio: 'x'.repeat(501) }, given({ long: 'cut' }));
  expect(rowsIn(mapped, 'details')[0]?.['biography']).toBe('x'.repeat(500));
});

it.each([
  ['{"notifications": true}', true],
  ['{"notifications": false}', false],
  ['{"notifications": {"email": true, "push": false, "sms": false}}', true],
  ['{"notifications": {"email": false, "push": false, "sms": false}}', false],
  ['{"notifications": {}}', true],
  ['{"theme": "dark"}', true],
])('notifications of either shape: %s', (json, isOn) => {
  expect(preferences(json)).toMatchObject({
    ...{ notify_payments_received: isOn, notify_payments_sent: isOn, notify_sign_ins: isOn },
  });
});

it('preferences are those that we have, or their defaults', () => {
  const json = '{"theme": "DARK", "language": "de_AT", "timezone": "Europe/Berlin", "currency": "eur"}';
  expect(preferences(json)).toMatchObject({
    ...{ theme: 'dark', language: 'de-DE', time_zone: 'Europe/Berlin', currency: 'EUR', analytics: 'unset' },
  });
  expect(preferences('{"language": "en"}')).toMatchObject({
    ...{ theme: 'system', language: 'en-US', time_zone: 'system', currency: null },
  });
});

it.each([
  ['user_missing', nobody('user')],
  ['user_refused', { user_email: 'nonsense' }],
  ['time_unusable', { created_at: null }],
])('a profile is refused: %s', (kind, over) => {
  expect(kindsOf(map(over))).toEqual([`${kind} refused`]);
});
