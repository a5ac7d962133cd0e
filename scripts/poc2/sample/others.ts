import type { Row, TableRows } from '../../seed/bulk-load.ts';
import { choose, type Random } from '../../seed/random.ts';
import { hexText, irregularOf, timeText, uuidOf } from './draw.ts';
import type { SamplePayment } from './payments.ts';
import type { SamplePerson } from './people.ts';

const DAY_MS = 86_400_000;
const TOKEN_DAYS = 7;

const IRREGULAR_TOKENS = [
  { days: 3_650, digits: 64 },
  { days: 3_650, digits: 1_200 },
];

/** Tokens of three in four users; some have expired, and a few are not as they should be. */
export const tokenRows = (people: readonly SamplePerson[], random: Random, nowMs: number): TableRows => ({
  table: 'refresh_tokens',
  columns: ['id', 'user_id', 'token', 'expires_at', 'created_at'],
  rows: people.flatMap(({ id, createdMs }, number): Row[] => {
    const odd = irregularOf(IRREGULAR_TOKENS, number, people.length);
    if (number % 4 === 3 && odd === null) return [];
    const startMs = Math.max(createdMs, nowMs - random() * 2 * TOKEN_DAYS * DAY_MS);
    const { days, digits } = odd ?? { days: TOKEN_DAYS, digits: 64 };
    return [
      [
        ...[uuidOf(random), id, hexText(random, digits)],
        ...[timeText(startMs + days * DAY_MS), timeText(startMs)],
      ],
    ];
  }),
});

const PREFERENCES = [
  '{"theme": "dark", "language": "de-DE", "notifications": {"email": true, "push": false, "sms": false}}',
  '{"theme": "light", "language": "en", "currency": "EUR", "timezone": "Europe/Berlin"}',
  '{"theme": "system", "notifications": true}',
  '{"notifications": false}',
  '{}',
];
/** Preferences and other fields as they should not be. */
const IRREGULAR_PROFILES: readonly Partial<
  Record<'phone' | 'address' | 'bio' | 'preferences' | 'avatar', string>
>[] = [
  { phone: '020 7946 0018' },
  { phone: 'call me' },
  { address: 'Road 1\nFlat 2\nSomewhere\nFar away' },
  { address: `${'A very long street, '.repeat(20)}1` },
  { bio: 'x'.repeat(900) },
  { avatar: 'https://images.example.com/me.png' },
  { preferences: '"dark"' },
  { preferences: '[]' },
  { preferences: '{"theme": "DARK", "language": "tlh", "timezone": "Mars/Olympus", "currency": "XBT"}' },
  { preferences: '{"notifications": "yes", "dashboard": {"columns": 3}}' },
  { preferences: '{"notifications": {"email": "on"}}' },
];

export const profileRows = (people: readonly SamplePerson[], random: Random, nowMs: number): TableRows => ({
  table: 'user_profiles',
  columns: [
    ...['id', 'user_id', 'avatar_url', 'phone', 'address', 'bio', 'preferences'],
    ...['created_at', 'updated_at'],
  ],
  rows: people.flatMap(({ id, createdMs }, number): Row[] => {
    const drawn = irregularOf(IRREGULAR_PROFILES, number, people.length);
    if (number % 5 === 4 && drawn === null) return [];
    const odd = drawn ?? {};
    const isEmpty = number % 7 === 0;
    const at = timeText(Math.max(createdMs, Math.min(createdMs + DAY_MS, nowMs)));
    return [
      [
        ...[uuidOf(random), id, odd.avatar ?? null],
        odd.phone ?? (isEmpty ? null : `+49 30 ${String(number).padStart(7, '0')}`),
        odd.address ?? (isEmpty ? null : `Hauptstraße ${(number % 200) + 1}\n10115 Berlin`),
        odd.bio ?? (number % 3 === 0 ? 'Bakes bread, and writes about it.' : null),
        odd.preferences ?? (isEmpty ? null : choose(random, PREFERENCES)),
        ...[at, at],
      ],
    ];
  }),
});

const AGENTS = ['Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0', 'curl/8.5.0', null];

const auditRow = (
  random: Random,
  entry: {
    userId: string | null;
    action: string;
    resource: [string | null, string | null];
    details: object | null;
  },
  atMs: number,
): Row => [
  ...[uuidOf(random), entry.userId, entry.action, ...entry.resource],
  entry.details === null ? null : JSON.stringify(entry.details),
  ...[`192.0.2.${Math.floor(random() * 250)}`, choose(random, AGENTS), timeText(atMs)],
];

const AUDIT_COLUMNS = [
  ...['id', 'user_id', 'action', 'resource_type', 'resource_id', 'details'],
  ...['ip_address', 'user_agent', 'created_at'],
];

/** Entries about users, in either spelling. */
export const userAuditRows = (people: readonly SamplePerson[], random: Random): TableRows => ({
  table: 'audit_logs',
  columns: AUDIT_COLUMNS,
  rows: people.flatMap(({ id, email, role, createdMs }, number): Row[] => {
    const made = { action: number % 2 === 0 ? 'USER_CREATED' : 'user.created', details: { email, role } };
    const odd = irregularOf(IRREGULAR_ENTRIES, number, people.length);
    const signedIn = { action: 'LOGIN', userId: id, resource: [null, null] as [null, null], details: null };
    return [
      auditRow(random, { userId: null, resource: ['user', id], ...made }, createdMs),
      auditRow(random, { ...signedIn, ...odd }, createdMs + 60_000),
    ];
  }),
});

const IRREGULAR_ENTRIES: readonly { action: string; details: object | null; userId?: null }[] = [
  { action: 'auth:user:logged_in', details: {} },
  { action: 'SOMETHING_ELSE', details: { note: 'nobody knows' } },
  { action: 'password.changed', details: { password: 'never-to-be-kept', token: 'never-to-be-kept' } },
  {
    action: 'USER_ROLE_CHANGED',
    details: { oldRole: 'CUSTOMER', newRole: 'VENDOR', reason: 'Asked for it' },
  },
  { action: 'Config Updated', details: ['a', 'list'], userId: null },
];

/** Entries about every second payment. */
export const paymentAuditRows = (payments: readonly SamplePayment[], random: Random): TableRows => ({
  table: 'audit_logs',
  columns: AUDIT_COLUMNS,
  rows: payments.flatMap(({ id, senderId, amount, currency, createdMs }, number): Row[] => {
    if (number % 2 === 1) return [];
    const action = number % 4 === 0 ? 'PAYMENT_CREATED' : 'payment.created';
    // Some are about payments that are gone.
    const resource: [string, string] = ['payment', number % 1_000 === 0 ? uuidOf(random) : id];
    return [
      auditRow(random, { userId: senderId, action, resource, details: { amount, currency } }, createdMs),
    ];
  }),
});

export const configRows = (people: readonly SamplePerson[], nowMs: number): TableRows => ({
  table: 'system_config',
  columns: ['key', 'value', 'description', 'updated_at', 'updated_by'],
  rows: [
    ['maintenance_mode', 'false', 'No payments while true', timeText(nowMs - DAY_MS), people[0]?.id ?? null],
    ['registration_closed', 'true', null, timeText(nowMs - 2 * DAY_MS), 'a former admin'],
    ['max_payment_amount', '{"USD": 10000}', null, timeText(nowMs - 3 * DAY_MS), null],
    ['smtp_password', '"never-to-be-kept"', 'Of the mail server', timeText(nowMs - 4 * DAY_MS), null],
  ],
});
