import type { AuditEntry } from '../../../../../shared/contracts/admin/audit.ts';
import { CONTRACTS } from '../../../../../shared/contracts/all.ts';
import { EVENT_TEXTS } from './event-texts.ts';
import { actionLabel, reasonOf, sentenceOf } from './sentences.ts';

const ADA = { id: 'usr_a', role: 'ADMIN', name: 'Ada Admin', email: 'ada@example.com' };
const VIC = { id: 'usr_b', name: 'Vic Vendor', email: 'vic@example.com' };
const entry = (action: string, over: object = {}): AuditEntry =>
  ({
    action,
    actor: ADA,
    person: VIC,
    target: null,
    reason: null,
    before: null,
    after: null,
    ...over,
  }) as unknown as AuditEntry;
const say = (action: string, over: object = {}) => sentenceOf(entry(action, over), 'en-GB');

const events = CONTRACTS.flatMap((contract) => Object.values(contract.events).map(({ name }) => name));

it.each(events)('%s has a name, a group and a sentence, with and without people and states', (event) => {
  expect(EVENT_TEXTS.get(event)).toMatchObject({ group: expect.any(String), label: expect.any(String) });
  const after = {
    amountMinor: 1_250,
    currency: 'EUR',
    email: 'x@example.com',
    role: 'ADMIN',
    action: 'auth.users',
  };
  const sentences = [say(event), say(event, { after }), say(event, { actor: null, person: null, after })];
  for (const sentence of sentences) {
    expect(sentence).toMatch(/^[A-Z]\S* .*\S$/);
    expect(sentence).not.toMatch(/undefined|null|NaN|\[object|[a-z]\.[a-z]+-|_/);
  }
});

it('offers no action that no contract has', () => {
  expect([...EVENT_TEXTS.keys()].filter((name) => !events.includes(name))).toEqual([]);
});

it.each([
  ['auth.user-suspended', {}, 'Ada Admin suspended Vic Vendor'],
  [
    'auth.role-changed',
    { before: { role: 'CUSTOMER' }, after: { role: 'VENDOR' } },
    'Ada Admin changed the role of Vic Vendor from Customer to Vendor',
  ],
  [
    'auth.user-edited',
    { before: { name: 'A', email: 'a@x' }, after: { name: 'B', email: 'b@x' } },
    'Ada Admin edited Vic Vendor: name and e-mail address',
  ],
  [
    'payments.created',
    { after: { amountMinor: 1_250, currency: 'EUR' } },
    'Ada Admin created a payment of €12.50 to Vic Vendor',
  ],
  ['auth.keys-rotated', { actor: null, person: null }, 'Payloom rotated the signing keys'],
  [
    'auth.session-ended',
    { reason: 'refresh_reused' },
    'A session of Vic Vendor ended: its refresh token was used twice',
  ],
  [
    'auth.administrator-read',
    { person: null, after: { action: 'auth.users', query: { q: 'vic', state: 'active', sort: 'name' } } },
    'Ada Admin read users with text “vic” and state “active”',
  ],
  [
    'auth.administrator-read',
    { after: { action: 'auth.userDetails' } },
    'Ada Admin read details of Vic Vendor',
  ],
  [
    'admin.administrator-read',
    {
      person: null,
      after: {
        action: 'admin.auditEntries',
        query: { action: 'auth.user-suspended', from: '2026-11-01T12:00:00.000Z' },
      },
    },
    'Ada Admin read the audit log with action “User suspended” and from “1 Nov 2026”',
  ],
  ['later.thing-happened', {}, 'Later thing happened'],
])('%s %j reads: %s', (action, over, sentence) => {
  expect(say(action, over)).toBe(sentence);
});

it('a person without a known name is named by the address, then by the id', () => {
  expect(say('auth.user-suspended', { person: { ...VIC, name: null } })).toContain('vic@example.com');
  expect(say('auth.user-suspended', { person: { ...VIC, name: null, email: null } })).toContain('usr_b');
});

it('shows the reason of a person, and no code', () => {
  expect(reasonOf(entry('auth.user-suspended', { reason: 'Chargebacks, ticket 1204' }))).toBe(
    'Chargebacks, ticket 1204',
  );
  expect(reasonOf(entry('auth.session-ended', { reason: 'signed_out' }))).toBe('');
});

it('an unknown action is called by its name in words', () => {
  expect(actionLabel('later.thing-happened')).toBe('Later thing happened');
});
