import { admin } from '../admin/admin.ts';
import { analytics } from '../analytics.ts';
import { auth } from '../auth/auth.ts';
import type { Action } from '../contract.ts';
import { payments } from '../payments.ts';
import { profile } from '../profile.ts';
import { realtime } from '../realtime.ts';
import { SYSTEM_ACTIONS } from './system-actions.ts';

/** A group of actions in documents, with what their summaries do not say. */
export type Topic = {
  name: string;
  text: string;
  actions: readonly (readonly [action: Action, text: string])[];
};

const { actions: signing } = auth;
const { actions: paying } = payments;
const { actions: notifying } = realtime;

/** All topics, in the order of documents. An action that none names joins the first topic of its service. */
export const TOPICS: readonly Topic[] = [
  {
    name: 'Payments',
    text: 'Pay a vendor, follow the payment, cancel it while it is pending.',
    actions: [
      [
        paying.create,
        'Creates a payment from you, the payer, to a vendor, the payee. It starts as `pending`; the card ' +
          'processor then decides. Read it again to see the outcome, or listen on a socket.',
      ],
      [
        paying.list,
        'All filters must match. Pages do not shift while payments are added: follow `nextCursor`.',
      ],
      [
        paying.get,
        'Payer and payee may read it. The payee sees neither `metadata` nor why a card was declined.',
      ],
      [
        paying.cancel,
        'Works until the card processor has authorized the payment; from then on the answer is 409. ' +
          'Cancelling a payment that you have cancelled before changes nothing.',
      ],
      [
        admin.actions.publicSettings,
        'While payments are stopped, `payments.create` answers 503 `payments_stopped`: send the same ' +
          'request with the same key later. Open pages get a notice over the socket when this changes.',
      ],
      [paying.payees, 'To choose a payee from. You are not among them.'],
      [
        paying.recentPayees,
        'The last one first, only those that can be paid now, of your last 200 payments.',
      ],
    ],
  },
  {
    name: 'Sign-in',
    text:
      'Browsers sign in for cookies, API clients for tokens. Access tokens are valid for ten minutes, a ' +
      'session for 30 days after its last use.',
    actions: [
      [
        signing.tokens,
        'Starts a session and returns its tokens. After five wrong passwords the account is locked for a ' +
          'while, except for clients that send the `deviceToken` of an earlier sign-in.',
      ],
      [
        signing.refreshTokens,
        'Ask for new tokens when the access token expires. Keep the new refresh token: the old one may ' +
          'be sent again for five minutes while the new one is unused; later its reuse ends the session.',
      ],
      [
        signing.login,
        'Starts a session and stores its tokens in cookies that scripts cannot read. Only our own pages ' +
          'may ask: the request needs a matching `Origin`.',
      ],
      [signing.refresh, 'Replaces both cookies. Browsers send the refresh cookie to `/api/auth` only.'],
      [
        signing.logout,
        'Ends the session of the token or cookie. Its access token is refused everywhere within a second.',
      ],
      [
        signing.passwordLink,
        'For the page that the link opens. The token is in the body, never in an address.',
      ],
      [signing.setPassword, 'Does not sign in, and uses the link up.'],
      [signing.keys, 'To verify access tokens without asking: EdDSA, `typ` `at+jwt`, `aud` `payloom`.'],
    ],
  },
  {
    name: 'Account',
    text: 'Your own account.',
    actions: [
      [signing.register, 'The account is a customer unless `role` is `VENDOR`. Signs in with cookies.'],
      [signing.me, 'Role and status as they are now.'],
      [
        signing.closeAccount,
        'Needs the password again. Profile, devices and settings are deleted, the name is replaced in ' +
          'payments; payments on their way go on. The last administrator cannot leave.',
      ],
      [signing.changeName, 'Payments and notifications show the new name at once.'],
      [
        signing.changePassword,
        'The session that asks goes on. Five wrong passwords in a session lock this action for a while.',
      ],
    ],
  },
  {
    name: 'Devices',
    text: 'A session is one sign-in on one device. See yours, and sign devices out.',
    actions: [
      [signing.sessions, 'Only sessions that have not ended.'],
      [signing.nameSession, 'The name stays with the device, also at its next sign-in.'],
      [signing.endSession, 'Its tokens are refused everywhere within a second.'],
      [signing.endOtherSessions, 'The session that asks goes on.'],
    ],
  },
  {
    name: 'Profile',
    text: 'What you say of yourself.',
    actions: [
      [profile.actions.details, 'All null at version 0 until your first change.'],
      [
        profile.actions.saveDetails,
        'Send the `version` that you read. When it has changed since, the answer is 409: read again.',
      ],
      [
        profile.actions.uploadAvatar,
        'The body is the image itself. Its first bytes decide what it is, whatever its type is called. Its ' +
          'middle is kept as a square of 256 pixels, upright and without metadata.',
      ],
      [profile.actions.removeAvatar, 'Removing it again changes nothing.'],
      [profile.actions.avatar, 'Everybody who is signed in may see it.'],
      [profile.actions.avatars, 'For a list of people: one request, and then only the images that exist.'],
      [
        profile.actions.exportData,
        'It is collected in the background: account, sessions, profile, notifications and payments. While ' +
          'one is running the answer is 409.',
      ],
      [profile.actions.dataExport, 'Ask until it is `ready`; it can be downloaded for a day.'],
      [profile.actions.downloadExport, 'One JSON object, sent part by part.'],
    ],
  },
  {
    name: 'Preferences',
    text: 'How the pages look for you, and what you are notified of.',
    actions: [
      [profile.actions.preferences, 'The defaults until your first change.'],
      [profile.actions.savePreferences, 'Open pages follow at once, on all devices.'],
    ],
  },
  {
    name: 'Notifications',
    text: 'What happened to you lately, and a socket that says when something changes.',
    actions: [
      [notifying.notifications, 'They are kept for 90 days once read, else for 180.'],
      [notifying.readNotification, 'Reading it again changes nothing.'],
      [notifying.readAllNotifications, 'Others stay unread.'],
      [
        notifying.issueTicket,
        'For Socket.IO 4 at `/ws`, with `auth: { ticket }`. Browsers need none: they send their cookie. ' +
          'A socket only says that something changed; read the state over HTTP.',
      ],
    ],
  },
  {
    name: 'Measurement',
    text: 'What our own pages send about themselves when a user agreed to it. Not for clients.',
    actions: [
      [
        analytics.actions.record,
        'Taken from our own pages only. Samples are added to figures of the day at once; no single one is ' +
          'kept.',
      ],
    ],
  },
  {
    name: 'Administration',
    text: 'For administrators: users, lockouts and signing keys. Every decision is stored with its reason.',
    actions: [
      [
        signing.users,
        'All filters must match. Pages do not shift while users are added: follow `nextCursor`. Upper and ' +
          'lower case make no difference.',
      ],
      [signing.userDetails, 'What an administrator needs to help a user.'],
      [signing.userSessions, 'Only sessions that have not ended.'],
      [
        signing.inviteUser,
        'Give the link to the user: it is valid for seven days, once. Until a password is set, nobody can ' +
          'sign in to the account, and a vendor cannot be paid.',
      ],
      [signing.renewInvitation, 'The former link is void.'],
      [
        signing.editUser,
        'Sessions go on. A new e-mail address makes one-time links void. Nobody can change the address of ' +
          'the own account this way.',
      ],
      [
        signing.setRole,
        'Access tokens with the old role are refused within a second and refreshed by clients.',
      ],
      [
        signing.suspend,
        'All tokens are refused and sockets closed within a second. Suspending a suspended user changes ' +
          'nothing.',
      ],
      [
        signing.suspendUsers,
        'Each user is suspended or refused alone. To suspend more users, send several requests. A request ' +
          'about ten users or more waits for another administrator, where there is one; a preview does not.',
      ],
      [signing.restore, 'The user can sign in again. Restoring an active user changes nothing.'],
      [signing.signOutUser, 'All tokens are refused and sockets closed within a second.'],
      [signing.endUserSession, 'Its tokens are refused and its socket closed within a second.'],
      [
        signing.resetPassword,
        'Give the link to the user: it is valid for a day, once. Doing it again replaces the link.',
      ],
      [signing.approvals, 'A request is void after a day; one that is over is kept for 400 days.'],
      [
        signing.approve,
        'Nobody approves the own request, or the own suspension. The act is that of the administrator who ' +
          'asked, with that reason.',
      ],
      [signing.reject, 'The act is not carried out.'],
      [signing.liftUserLockout, 'The next wrong password counts as the first. Nothing changes for others.'],
      [
        signing.closeUser,
        'Cannot be undone. The e-mail address can be used for a new account. Payments and what ' +
          'administrators did stay as they were.',
      ],
      [signing.lockouts, 'A lockout ends by itself after 15 minutes at most.'],
      [signing.liftLockout, 'The next wrong password counts as the first.'],
      [signing.signingKeys, 'With the state of each.'],
      [
        signing.rotateKeys,
        'The new key signs once every process has seen it. With `revoke` it signs at once, and no access ' +
          'token of the other keys is accepted any more: for when a private key may be known to others. No ' +
          'session ends. Keys are also rotated by time.',
      ],
      ...SYSTEM_ACTIONS,
    ],
  },
  {
    name: 'Webhooks',
    text: 'What the card processor sends. Not for clients.',
    actions: [
      [
        paying.processorWebhook,
        'The body is signed with the webhook secret (`Stripe-Signature`). The state is always read from ' +
          'the processor again, so a webhook may come twice, late or never.',
      ],
    ],
  },
];

/** Where a result differs from the example of its schema. */
export const RESULT_EXAMPLES: ReadonlyMap<Action, Readonly<Record<string, unknown>>> = new Map<
  Action,
  Readonly<Record<string, unknown>>
>([
  [paying.create, { status: 'pending', version: 1, updatedAt: '2026-11-23T09:30:00.000Z' }],
  [paying.cancel, { status: 'cancelled', version: 2 }],
  [signing.suspend, { state: 'suspended' }],
]);
