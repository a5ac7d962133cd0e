import * as z from 'zod/mini';
import { admin } from '../admin/admin.ts';
import {
  deadLetter,
  deadLetterAct,
  deadLetterCount,
  deadLetterOrder,
  deadLetterRun,
} from '../admin/dead-letters.ts';
import {
  processState,
  systemChange,
  systemProcess,
  systemSample,
  systemService,
  systemSnapshot,
} from '../admin/system.ts';
import {
  analytics,
  experience,
  experienceDay,
  pageFigures,
  remoteExperience,
  remoteVersion,
  routeFigures,
  sample,
  vital,
} from '../analytics.ts';
import {
  publicSettings,
  settingChange,
  settingChanger,
  settingKey,
  settingStates,
} from '../admin/settings.ts';
import { auditActor, auditEntry, auditPerson, auditTarget } from '../admin/audit.ts';
import { approvableAct, approval, approvalUser, askedSetting, listedApproval } from '../auth/approvals.ts';
import { auth } from '../auth/auth.ts';
import { user, userState } from '../auth/fields.ts';
import { lockout } from '../auth/lockouts.ts';
import { deviceKind, session, signedIn, signInMethod, tokens } from '../auth/sessions.ts';
import { linkKind } from '../auth/password-links.ts';
import { signingKey } from '../auth/signing.ts';
import {
  suspensionOutcome,
  issuedLink,
  managedSession,
  managedUser,
  userDetails,
  userLink,
} from '../auth/users.ts';
import { CURRENCY_RULES } from '../currencies.ts';
import { currency } from '../fields.ts';
import { dependency, outboxLag, poolUse, queueDepth } from '../operations.ts';
import {
  approvalId,
  deadLetterRunId,
  eventId,
  lockoutId,
  notificationId,
  paymentId,
  sessionId,
  userId,
} from '../ids.ts';
import {
  metadata,
  party,
  payment,
  paymentMethod,
  payments,
  paymentStatus,
  timelineEntry,
} from '../payments.ts';
import { dataExport } from '../profile/data-export.ts';
import { details, detailsWithAvatar } from '../profile/details.ts';
import { operation, posting, webhook } from '../payments/records.ts';
import { currencyReport, failureSum, paymentReport, sum } from '../payments/reports.ts';
import { language, notifications, preferences, theme } from '../profile.ts';
import { notification, notificationContent, realtime, unreadCount } from '../realtime.ts';
import { role, userStatus } from '../roles.ts';

type Named = {
  id: string;
  description: string;
  examples?: readonly unknown[];
  maxProperties?: number;
  'x-amounts'?: object;
};

/** The schemas that documents show under a name; all others are shown where they are used. */
export const NAMED_SCHEMAS = z.registry<Named>();

const name = (id: string, schema: z.ZodMiniType, description: string, example?: unknown): void => {
  NAMED_SCHEMAS.add(schema, {
    id,
    description,
    ...(example === undefined ? {} : { examples: [example] }),
  });
};

const idOf = (prefix: string, last: string): string => `${prefix}_019ac2f4b7a07c3e9d415e0a2b6c${last}`;

name('UserId', userId, 'The id of a user.', idOf('usr', '0a01'));
name('SessionId', sessionId, 'The id of a session.', idOf('ses', '0b01'));
name('PaymentId', paymentId, 'The id of a payment. Ids sort by the time of creation.', idOf('pay', '0c01'));
name('LockoutId', lockoutId, 'The id of a lockout.', idOf('lck', '0d01'));
name('ApprovalId', approvalId, 'The id of a request for approval.', idOf('apr', '0f02'));
name('NotificationId', notificationId, 'The id of a notification.', idOf('ntf', '0e01'));
name('DeadLetterRunId', deadLetterRunId, 'The id of an order for dead letters.', idOf('dlr', '0f03'));
name('EventId', eventId, 'The id of an event. Ids sort by time.', idOf('evt', '0f01'));

NAMED_SCHEMAS.add(currency, {
  id: 'Currency',
  description: 'The ISO 4217 code of a currency. Former payments may be in one that has ended.',
  examples: ['EUR'],
  'x-amounts': CURRENCY_RULES,
});
name('Role', role, 'Customers pay; vendors pay and are paid; administrators look after users.');
name('UserStatus', userStatus, 'Only an active user can sign in and be paid.');
name('User', user, 'An account of the platform.');
name('UserState', userState, '`invited`: has set no password yet; `closed`: anonymised for good.');
name('ManagedUser', managedUser, 'A user as administrators see it.');
name('UserDetails', userDetails, 'A user with lockout, one-time link and live sessions.');
name('Activity', auth.actions.activity.result, 'How many users were active lately.');
name('ManagedUserPage', auth.actions.users.result, 'One page of users.');
name('ManagedSession', managedSession, 'A live session of a user, as administrators see it.');
name('ManagedSessionPage', auth.actions.userSessions.result, 'One page of a user’s live sessions.');
name('SuspensionList', auth.actions.suspendUsers.result, 'What became of each user, in the given order.');
name('SuspensionOutcome', suspensionOutcome, 'What a suspension does to one of several users.');
name('Approval', approval, 'A request for an act that another administrator has to approve.');
name('ListedApproval', listedApproval, 'A request with its outcome and the names of those who take part.');
name('ApprovalList', auth.actions.approvals.result, 'Requests that wait, or that are over.');
name('ApprovalUser', approvalUser, 'One of the users that a suspension is about.');
name('ApprovableAct', approvableAct, 'What was asked for.');
name('CarriedOut', auth.actions.approve.result, 'The approved request, and the link of an invitation.');
name('UserLink', userLink, 'The one-time link of a user, without its token.');
name('IssuedLink', issuedLink, 'A one-time link, which is shown once.');
name('PasswordLink', auth.actions.passwordLink.result, 'Whom a one-time link is for.');
name('LinkKind', linkKind, 'Whether a link is of an invitation or of a reset password.');
name('Tokens', tokens, 'An access token, and the refresh token that replaces both.');
name('SignInTokens', auth.actions.tokens.result, 'Tokens, and the device token of this client.');
name('SignedIn', signedIn, 'The signed-in user. The tokens are in cookies that scripts cannot read.');
name('Session', session, 'A sign-in on one device, from its start until it ends or expires.');
name('SessionPage', auth.actions.sessions.result, 'One page of sessions.');
name('DeviceKind', deviceKind, 'What a user signed in with; `program` is an API client.');
name('SignInMethod', signInMethod, 'How a session was started.');
name('Lockout', lockout, 'An account or an address whose sign-in is locked after too many wrong passwords.');
name('LockoutPage', auth.actions.lockouts.result, 'One page of lockouts.');
name('SigningKey', signingKey, 'A key that access tokens are signed with; its private part is never shown.');
name('SigningKeyList', auth.actions.signingKeys.result, 'All signing keys, newest first.');
name('JsonWebKeySet', auth.actions.keys.result, 'Public keys as a JSON Web Key Set (RFC 7517).');

name('Payment', payment, 'Money that a payer sends to a payee.');
name('PaymentDetails', payments.actions.get.result, 'A payment with its timeline.');
name('PaymentPage', payments.actions.list.result, 'One page of payments.');
name('PaymentStatus', paymentStatus, 'pending, then processing, then completed or failed; or cancelled.');
name('PaymentMethod', paymentMethod, 'A test card of the card processor, until there is a card form.');
NAMED_SCHEMAS.add(metadata, {
  id: 'PaymentMetadata',
  description: 'Up to 20 pairs of text for the payer’s own use, returned unchanged.',
  maxProperties: 20,
});
name('TimelineEntry', timelineEntry, 'When a payment reached a status, and why.');
name('Party', party, 'The payer or the payee of a payment.');
name('PayeeList', payments.actions.payees.result, 'The vendors that were found, at most ten.');
name('RecentPayees', payments.actions.recentPayees.result, 'The vendors that the caller paid last.');

name('PaymentRecords', payments.actions.records.result, 'What ledger and processor have of a payment.');
name('Posting', posting, 'One side of a movement of money.');
name('Operation', operation, 'A charge or a reversal at the card processor.');
name('Webhook', webhook, 'A webhook of the card processor.');
name('PaymentReport', paymentReport, 'Sums of payments by period and currency.');
name('CurrencyReport', currencyReport, 'Sums, rate of success and average of one currency.');
name('FailureSum', failureSum, 'Failed payments of one currency and reason.');
name('PaymentSum', sum, 'How many payments, and their sum.');

name('AuditEntry', auditEntry, 'Something that was done: by whom, on whom, from where and why.');
name('AuditPerson', auditPerson, 'A person as known at the time of an entry.');
name('AuditActor', auditActor, 'Who did what an entry is about, as known at that time.');
name('AuditTarget', auditTarget, 'The thing that an entry is about.');
name('AuditPage', admin.actions.auditEntries.result, 'One page of the audit log.');

name('Details', details, 'What users say of themselves; null is what is not given.');
name('Profile', detailsWithAvatar, 'Personal data, and the hash of the avatar.');
name('SettingKey', settingKey, 'A setting of the configuration.');
name('PublicSettings', publicSettings, 'What is stopped, and the largest amounts.');
name('SettingStates', settingStates, 'All settings.');
name('StopSetting', settingStates.shape.paymentsStopped, 'A switch that stops something.');
name('AmountsSetting', settingStates.shape.largestAmounts, 'The largest amounts, by currency.');
name('SettingChanger', settingChanger, 'An administrator who changed a setting.');
name('SettingChange', settingChange, 'A change of a setting.');
name('SettingChangePage', admin.actions.settingChanges.result, 'One page of the history of a setting.');
name('ChangedSetting', admin.actions.changeSetting.result, 'A setting after a change.');
name('AskedSetting', askedSetting, 'A change of a setting that is asked for.');
name('SystemSnapshot', systemSnapshot, 'The system as it was just seen.');
name('SystemProcess', systemProcess, 'A process, with what it last said of itself.');
name('ProcessState', processState, 'It answers, does not answer, died, or has stopped on a signal.');
name('SystemService', systemService, 'A service with the figures of its database and its queue.');
name('SystemSample', systemSample, 'The figures of the whole system at one time.');
name('SystemChange', systemChange, 'A process that came, fell silent, died or left.');
name('SystemHistory', admin.actions.systemHistory.result, 'The last hour.');
name('Dependency', dependency, 'Something that a process needs.');
name('QueueDepth', queueDepth, 'Events for a service.');
name('OutboxLag', outboxLag, 'Events that are not published yet.');
name('PoolUse', poolUse, 'Connections to a database.');
name('DeadLetter', deadLetter, 'An event that a service could not handle.');
name('DeadLetterDetails', admin.actions.deadLetter.result, 'A dead letter with its payload.');
name('DeadLetterPage', admin.actions.deadLetters.result, 'One page of dead letters.');
name('DeadLetterCount', deadLetterCount, 'How many dead letters a service has.');
name('DeadLetterOrder', deadLetterOrder, 'What an order for dead letters is about.');
name('DeadLetterAct', deadLetterAct, 'What is done to dead letters.');
name('DeadLetterRun', deadLetterRun, 'An order for dead letters with its progress.');
name('DeadLetterRunList', admin.actions.deadLetterRuns.result, 'The last orders.');

name('Sample', sample, 'One value that a browser measured.');
name('Experience', experience, 'How pages, routes and connections were for users in a period.');
name('PageFigures', pageFigures, 'How a page was for users.');
name('VitalFigure', vital, 'A web vital of many visits.');
name('RouteFigures', routeFigures, 'How the calls of an action were, as browsers saw them.');
name('ExperienceDay', experienceDay, 'How pages were on a day.');
name('ExperienceDays', analytics.actions.experienceByDay.result, 'Every day of a period.');
name('RemoteExperience', remoteExperience, 'How a micro-frontend loaded for users.');
name('RemoteVersion', remoteVersion, 'A version of a micro-frontend.');
name('RemoteExperienceList', analytics.actions.remoteExperience.result, 'All micro-frontends.');

name('DataExport', dataExport, 'An export of everything that is stored about a user.');
name('Preferences', preferences, 'How the pages look for a user, and what the user is notified of.');
name('NotificationPreferences', notifications, 'What a user is notified of, beside security.');
name('Theme', theme, '`system` follows the device.');
name('Language', language, 'How dates and amounts are formatted (BCP 47); `system` follows the browser.');

name('Notification', notification, 'Something that happened to a user, shown at the bell of the header.');
name('NotificationPage', realtime.actions.notifications.result, 'One page of notifications.');
name('UnreadCount', unreadCount, 'What is left to read.');
name('NotificationContent', notificationContent, 'The type of a notification and what its text needs.');
name('SocketTicket', realtime.actions.issueTicket.result, 'A ticket that opens one socket.');

const CONTENTS: Readonly<Record<string, string>> = {
  setting_change_voided: 'An approved change was not made: the setting had been changed meanwhile.',
  approval_requested: 'Another administrator asks for an act that needs a second one.',
  payment_received: 'A payment to the user was created.',
  payment_completed: 'A payment of the user is completed: the payee has the money.',
  payment_failed: 'A payment of the user failed; no money moved.',
  signed_in: 'The account was used to sign in.',
  session_reused: 'A refresh token was used twice, so its session has ended.',
  password_changed: 'The password was changed.',
  sign_in_locked: 'Sign-in is locked until a time after too many wrong passwords.',
  role_changed: 'An administrator changed the role of the user.',
};
const pascal = (text: string): string =>
  text.replaceAll(/(?:^|[._-])([a-z])/g, (_all, letter: string) => letter.toUpperCase());
for (const content of notificationContent._zod.def.options) {
  const [type = ''] = content.shape.type._zod.def.values;
  name(`${pascal(type)}Content`, content, CONTENTS[type] ?? '');
}

/** Named schemas that are another one with more properties. */
export const EXTENDED_SCHEMAS: Readonly<Record<string, z.ZodMiniType>> = {
  PaymentDetails: payment,
  UserDetails: managedUser,
  SignInTokens: tokens,
  AuditActor: auditPerson,
  DeadLetterDetails: deadLetter,
};
