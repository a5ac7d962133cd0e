import type { PropertyText } from './properties.ts';

const of = (text: string, example?: unknown): PropertyText =>
  example === undefined ? { text } : { text, example };

const KEY = 'key_019ac2f4b7a0';
const READ_ID = of('Of the one thing that was read; null for a list.', null);
const QUERY = of('Search, filters and order, without secrets.', { status: 'pending' });
const VOID_KEYS = of('Tokens that were signed with these keys are void.', [KEY]);
const NEW_KEY = of('The key that signs from then on.', 'key_019ac2f4b7a1');
const BY_ADMIN = of(
  'The administrator; null where an operator did it with a command, or the service by itself.',
  null,
);

/** What the documents say of properties that only events and messages on sockets have. */
export const EVENT_PROPERTIES: Readonly<Record<string, PropertyText>> = {
  seq: of('The number of the newest message to the user.'),
  reread: of('Whether missed messages are no longer stored, so that everything has to be read again.'),
  added: of('The new notification; null where others were read.'),
  letters: of('The ids of the dead letters, by service.', {
    realtime: ['evt_019ac2f4b7a07c3e9d415e0a2b6c0f01'],
  }),
  'admin.setting-changed.approvalId': of(
    'Of the request that was approved; null where none was needed.',
    null,
  ),
  'socket.welcome.userId': of('The user to whom messages are sent.'),
  userId: of('The user that it is about; null where it is about none.'),
  kind: of('Whether an account or an address is locked.'),
  previousValue: of('The value before.', false),
  'admin.administrator-read.id': READ_ID,
  'auth.administrator-read.id': READ_ID,
  'payments.administrator-read.id': READ_ID,
  query: QUERY,
  needsLink: of('Whether no password is accepted until the user has set one with a one-time link.'),
  accessVersion: of('Access tokens of an older version of the user’s rights are void.', 2),
  requestReason: of(
    'Why it was asked for; null in events of older versions.',
    'Asked for by phone, ticket 1204',
  ),
  knownDevice: of('Whether this browser had signed in to the account before.'),
  keyIds: VOID_KEYS,
  keyId: NEW_KEY,
  'auth.keys-revoked.by': BY_ADMIN,
  'auth.keys-rotated.by': BY_ADMIN,
  'payments.reversal-stuck.code': of('Why the processor refused.', 'processor_unavailable'),
  fields: of('The names of what was changed, without the values.', ['displayName']),
  'auth.session-ended.reason': of('Why the session ended.', 'revoked'),
  'profile.export-finished.state': of('Whether it can be downloaded.', 'ready'),
};
