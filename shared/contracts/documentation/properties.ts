import { ANALYTICS_PROPERTIES } from './analytics-properties.ts';
import { PROFILE_PROPERTIES } from './profile-properties.ts';
import { REPORT_PROPERTIES } from './report-properties.ts';
import { SETTINGS_PROPERTIES } from './settings-properties.ts';
import { SYSTEM_PROPERTIES } from './system-properties.ts';

/** What documents say of a property or parameter; an optional one without example is left out of examples. */
export type PropertyText = { text: string; example?: unknown };

const of = (text: string, example?: unknown): PropertyText =>
  example === undefined ? { text } : { text, example };

const PAYEE = {
  id: 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a02',
  name: 'Vera Vendor',
  email: 'vendor@example.com',
};
const REASON = 'Asked for by phone, ticket 1204';

/**
 * By name: a name means the same wherever it stands. Where it does not, its schema or action comes first:
 * `Session.address`, `payments.list.q`. `*` in place of a name is every action of a service.
 */
export const PROPERTIES: Readonly<Record<string, PropertyText>> = {
  // People and sessions
  email: of(
    'An e-mail address. Upper and lower case make no difference, nor do the two forms of an international ' +
      'domain; answers have it in lower case and ASCII.',
    'customer@example.com',
  ),
  'auth.register.email': of('The address of the new account, which has none yet.', 'new@example.com'),
  name: of(
    'The name of the person or business, as others see it, on one line, without invisible characters, ' +
      'without more than four accents on a letter, and with letters of one script in a word. ' +
      'Several spaces become one.',
    'Carl Customer',
  ),
  role: of('What the user may do.', 'CUSTOMER'),
  user: of('The user.'),
  password: of('The password.', 'TestPassword123!'),
  currentPassword: of('The password until now.', 'TestPassword123!'),
  newPassword: of('The password from now on.', 'BetterPassword456!'),
  accessToken: of('Send it as `Authorization: Bearer …`. Do not parse it.', 'eyJhbGciOiJFZERTQSIs…'),
  refreshToken: of('Buys the next pair of tokens, once. Keep it secret.', 'rt_AZrC9Leg…'),
  deviceToken: of(
    'Shows at the next sign-in that this client has signed in before: wrong passwords of others then do ' +
      'not lock it out. It grants no access.',
  ),
  'SignInTokens.deviceToken': of('Keep it, and send it with the next sign-in.', 'pc0kQzS1…'),
  expiresInS: of('Seconds until it expires.', 600),
  'SocketTicket.expiresInS': of('Seconds until it expires.', 30),
  'auth.nameSession.name': of('What to call the device or program; null for no name.', 'Laptop at work'),
  current: of('Whether this is the session that asks.', true),
  device: of('What was used, for people to recognise.', 'Firefox on Linux'),
  address: of('The network address; null where it is not known.', '203.0.113.7'),
  method: of('How the session was started.'),
  lastSeenAt: of('The last use, accurate to ten minutes.', '2026-11-23T11:04:10.000Z'),
  expiresAt: of('The session ends then unless it is used before.', '2026-12-23T11:04:10.000Z'),
  ended: of('How many sessions were ended.', 2),
  'Session.kind': of('The kind of device.'),

  // Administration
  'auth.inviteUser.email': of('The address of the new user.', 'new@example.com'),
  'auth.editUser.email': of(
    'The address from now on. One-time links to the former one are void.',
    'c@example.com',
  ),
  'auth.inviteUser.role': of('What the user may do.', 'VENDOR'),
  'auth.users.role': of('Only users with this role.', 'VENDOR'),
  'auth.approvals.state': of('Requests that still wait, or those that are over.', 'waiting'),
  'auth.users.state': of('Only users in this state.', 'suspended'),
  'auth.users.q': of('Part of the name or the e-mail address, or the whole id.', 'customer'),
  'ManagedUser.state': of('How things stand with the account.', 'active'),
  ids: of('The users to suspend.', ['usr_019ac2f4b7a07c3e9d415e0a2b6c0a01']),
  preview: of('Whether to change nothing, and answer what would happen.', true),
  outcome: of('`unchanged`: was suspended before; `refused`: see `code`.', 'suspended'),
  'SuspensionOutcome.code': of('The error code of a refusal, such as `own_account`; null otherwise.', null),
  act: of('What was asked for.', 'setRole'),
  'Approval.userId': of(
    'Whose role it is about; null for a user that does not exist yet, and for another act.',
  ),
  'Approval.email': of(
    'The e-mail address of this user, or of the new one; null for another act.',
    'customer@example.com',
  ),
  'Approval.role': of('The role that the user would get; null for another act.', 'ADMIN'),
  requestedBy: of('The administrator who asked.'),
  requestedAt: of('When, in UTC.', '2026-11-23T09:30:00.000Z'),
  requesterName: of('The name of the administrator who asked.', 'Alex Admin'),
  decidedBy: of('The administrator who decided; null while it waits and when it expired.'),
  deciderName: of('The name of the administrator who decided.', 'Berta Admin'),
  decidedAt: of('When it was decided or expired; null while it waits.', '2026-11-23T11:04:10.000Z'),
  userIds: of('Who would be suspended; null for another act.', ['usr_019ac2f4b7a07c3e9d415e0a2b6c0a01']),
  users: of('Who would be suspended; null for another act.'),
  setting: of('The change of a setting that is asked for; null for another act.'),
  'ApprovalUser.state': of('How things stand with the account.', 'active'),
  suspensions: of('What became of each user; null for another act.'),
  'ListedApproval.expiresAt': of('The request is void from then on.', '2026-11-24T09:30:00.000Z'),
  'ListedApproval.outcome': of('`expired`: nobody decided for a day; `withdrawn`: by who asked.', 'waiting'),
  'Approval.expiresAt': of('The request is void from then on.', '2026-11-24T09:30:00.000Z'),
  approval: of('The request.'),
  issued: of('The one-time link of an invitation; null for another act.', null),
  mustSetPassword: of('No password is accepted until the user has set one with a one-time link.', false),
  lastSignInAt: of(
    'The last sign-in; null when it is more than 400 days ago, or there was none.',
    '2026-11-23T09:30:00.000Z',
  ),
  lockout: of('Null unless sign-in is locked now.', null),
  'UserDetails.link': of('The newest one-time link, which may have expired; null for none.', null),
  sessions: of('The first page of the live sessions.'),
  mail: of('Whether the link was sent by mail; `off`: no mail server is configured.', 'sent'),
  link: of(
    'Opens a page that sets a password, once. Shown only here; null where it was sent by mail.',
    'https://pay.example.com/set-password#pl_4fZq…',
  ),
  'IssuedLink.expiresAt': of('The link is void from then on.', '2026-11-30T09:30:00.000Z'),
  'PasswordLink.expiresAt': of('The link is void from then on.', '2026-11-30T09:30:00.000Z'),
  'UserLink.expiresAt': of('The link is void from then on.', '2026-11-30T09:30:00.000Z'),
  token: of('What follows `#` in a one-time link.', 'pl_4fZq…'),
  'UserLink.kind': of('What the link is for.', 'reset'),
  'PasswordLink.kind': of('What the link is for.', 'invitation'),
  reason: of('Why, in a sentence; stored with the decision.', REASON),
  'Lockout.kind': of('What is locked: an account or a network address.', 'account'),
  subject: of('The locked e-mail address or network address.', 'customer@example.com'),
  failures: of('Wrong passwords that still count.', 5),
  lockedUntil: of('When sign-in is possible again.', '2026-11-23T09:45:00.000Z'),
  lastFailureAt: of('The last wrong password.', '2026-11-23T09:30:00.000Z'),
  'SigningKey.id': of('The key’s id, `kid` in the header of a token.', 'key_2026-11'),
  state: of('`next` does not sign yet, `signing` does, `retiring` only verifies.', 'signing'),
  revoke: of('Whether tokens of all former keys become void at once.', false),
  keys: of('The keys.', [
    { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: 'key_2026-11', x: '11qYAYKxCrfVS…' },
  ]),

  // Payments
  amountMinor: of('The amount in minor units: 1250 is 12.50 EUR, but 1250 JPY and 1.250 KWD.', 1250),
  'payments.create.amountMinor': of(
    'The amount in minor units: 1250 is 12.50 EUR, but 1250 JPY and 1.250 KWD. It is within the limits of ' +
      'its currency, which the introduction lists under Amounts and the schema Currency as `x-amounts`.',
    1250,
  ),
  currency: of('The currency of the amount.'),
  'Payment.status': of('What has become of it.', 'completed'),
  payer: of('Who pays.', {
    id: 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a01',
    name: 'Carl Customer',
    email: 'customer@example.com',
  }),
  payee: of('Who is paid, always a vendor.', PAYEE),
  'payments.create.payee': of('The vendor to pay, by e-mail address or by id.', { email: PAYEE.email }),
  paymentMethod: of('What it is paid with.', 'pm_card_visa'),
  'Payment.paymentMethod': of(
    'What it is paid with; to the payee the brand of the card alone, such as `visa`.',
    'pm_card_visa',
  ),
  'RecentPayees.currency': of('The currency of the last payment; null before the first.', 'EUR'),
  description: of(
    'What it is for. Never write a card number here: what looks like one is refused. So is every tenth ' +
      'number of 16 digits that starts as those of a card do; write such a number in groups of five digits.',
    'Posters, 50 copies',
  ),
  metadata: of('Pairs of text for the payer’s own use.', { order: '4711' }),
  failure: of('Why it failed; null unless it failed.', null),
  code: of(
    'A [decline code](https://docs.stripe.com/declines/codes), or one of ours; to the payee always ' +
      '`payment_failed`.',
  ),
  timeline: of('What happened so far, oldest first.', [
    { at: '2026-11-23T09:30:00.000Z', status: 'pending', reason: null },
    { at: '2026-11-23T09:30:01.000Z', status: 'processing', reason: null },
    { at: '2026-11-23T09:30:02.000Z', status: 'completed', reason: null },
  ]),
  'TimelineEntry.reason': of('A decline code, or `cancelled_by_payer`; null where there is no reason.', null),
  version: of('Grows by one with each change. A copy with a smaller version is stale.', 3),
  'stripe-signature': of(
    'The processor’s signature of the body.',
    't=1795426200,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd',
  ),

  // Lists
  limit: of('The most items that a page may have.', 25),
  cursor: of('`nextCursor` of the page before, with the same filters. Without it the first page.'),
  items: of('The items of this page.'),
  nextCursor: of('Send it as `cursor` for the next page; null on the last.', null),
  direction: of('Only payments that you sent, or only those that you received.', 'sent'),
  'payments.list.status': of('Only payments with this status.', 'completed'),
  'payments.list.currency': of('Only payments in this currency.', 'EUR'),
  'payments.list.from': of(
    'Only payments from this day on (its midnight in UTC), or from this UTC time on.',
    '2026-11-01',
  ),
  to: of('Only payments before this day (its midnight in UTC), or before this UTC time.', '2026-12-01'),
  amountMin: of('Only amounts of at least so many minor units.', 1000),
  amountMax: of('Only amounts of at most so many minor units.', 50000),
  q: of('Text in the description, the id, or the other party’s name or e-mail address.', 'posters'),
  'payments.payees.q': of('Part of the vendor’s name or e-mail address, or the vendor’s id.', 'vendor'),
  sort: of(
    'The order; `-` before a name turns it round. `amount` compares minor units: give a `currency` with it.',
  ),

  // The audit log
  action: of('The full name of the event.', 'auth.user-suspended'),
  actor: of('Who did it; null where nobody asked, or nobody who was signed in.', {
    id: 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a03',
    role: 'ADMIN',
    name: 'Ada Admin',
    email: 'admin@example.com',
  }),
  person: of('On whom; null where it concerns nobody but the actor.', {
    id: 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a01',
    name: 'Carl Customer',
    email: 'customer@example.com',
  }),
  target: of('On what.', { type: 'user', id: 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a01' }),
  'AuditEntry.reason': of('The reason that was given; null where none was asked for.', REASON),
  'AuditEntry.device': of('What the client calls itself (`User-Agent`).', 'Mozilla/5.0 …'),
  'AuditEntry.sessionId': of('The session in which it was done.', 'ses_019ac2f4b7a07c3e9d415e0a2b6c0b01'),
  'AuditEntry.requestId': of('The request that caused it.', 'req_019ac2f4b7a07c3e9d415e0a2b6c0f01'),
  'AuditEntry.traceId': of(
    'The trace of the act that caused the event (W3C Trace Context), as in the `traceparent` of the request.',
    '4bf92f3577b34da6a3ce929d0e0e4736',
  ),
  'AuditPerson.name': of('The name at that time; null where it was not known.', 'Carl Customer'),
  'AuditPerson.email': of('The address at that time; null where it was not known.', 'customer@example.com'),
  'AuditActor.role': of('The role at that time; null where it was not known.', 'ADMIN'),
  'AuditTarget.type': of('The kind of thing.', 'user'),
  'AuditTarget.id': of('The id of the thing.', 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a01'),
  before: of('What is known of the state before; secrets are removed.', { status: 'active' }),
  after: of('What the event says of the state after; secrets are removed.', { status: 'suspended' }),
  'admin.*.person': of(
    'Only entries of this person, as actor or otherwise: an id, or part of the name or e-mail address.',
    'customer@example.com',
  ),
  'admin.*.action': of('Only this action.', 'auth.user-suspended'),
  'admin.*.target': of('Only the thing with this id.', 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a01'),
  'admin.*.address': of('Only from this network address.', '203.0.113.7'),
  'admin.*.requestId': of('Only of this request.', 'req_019ac2f4b7a07c3e9d415e0a2b6c0f01'),
  'admin.*.sessionId': of('Only in this session.', 'ses_019ac2f4b7a07c3e9d415e0a2b6c0b01'),
  'admin.*.traceId': of('Only of this trace.', '4bf92f3577b34da6a3ce929d0e0e4736'),
  'admin.*.from': of('Only from this day on (its midnight in UTC), or from this UTC time on.', '2026-11-01'),
  'admin.*.q': of(
    'Text in the action, target, reason, device, state, or in a name or e-mail address at that time.',
    'ticket 1204',
  ),

  // Profile, preferences and notifications
  ...PROFILE_PROPERTIES,
  ...REPORT_PROPERTIES,
  theme: of('Light, dark, or as the device says.', 'dark'),
  language: of('The language in which dates and amounts are written.', 'en-GB'),
  notifications: of('What to notify of.'),
  paymentsReceived: of('Payments to you.', true),
  paymentsSent: of('Your payments that completed or failed.', true),
  signIns: of('Sign-ins to your account.', false),
  content: of('The type, and what the text of this type needs.'),
  type: of('The type of the notification.'),
  sessionId: of('The session.'),
  paymentId: of('The payment.'),
  'PaymentReceivedContent.name': of('The payer’s name.', 'Carl Customer'),
  'PaymentCompletedContent.name': of('The payee’s name.', 'Vera Vendor'),
  'PaymentFailedContent.name': of('The payee’s name.', 'Vera Vendor'),
  until: of('When sign-in is possible again.', '2026-11-23T09:45:00.000Z'),
  read: of('Whether the user has read it.', false),
  unread: of('How many notifications are unread.', 3),
  'realtime.readAllNotifications.from': of('The oldest notification to mark.'),
  upTo: of('The newest notification to mark; without both all are marked.'),
  ticket: of('Goes into the handshake’s `auth`: `{ ticket }`. Opens one socket.', 'tkt_q1Vt0n6Z…'),

  ...ANALYTICS_PROPERTIES,
  ...SYSTEM_PROPERTIES,
  ...SETTINGS_PROPERTIES,

  // Everywhere
  at: of('When, in UTC.', '2026-11-23T09:30:00.000Z'),
  createdAt: of('When it was created, in UTC.', '2026-11-23T09:30:00.000Z'),
  updatedAt: of('When it last changed, in UTC.', '2026-11-23T09:30:02.000Z'),
};
