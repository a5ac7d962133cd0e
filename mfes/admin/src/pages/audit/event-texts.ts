import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { AuditEntry } from '../../../../../shared/contracts/admin/audit.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import { CURRENCIES } from '../../../../../shared/contracts/currencies.ts';
import { formatMoney } from '../../../../../shared/contracts/money.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import { profile } from '../../../../../shared/contracts/profile.ts';
import { dateLocale } from '../../../../../shared/ui/times.ts';
import { APPROVALS, CONFIGURATION } from './decision-texts.ts';
import { roleOf, valueOf, type EventText, type Said } from './said.ts';
import { listOf, wordsOf } from './words.ts';

/** The names of what differs, such as `name and e-mail address`. */
const changedIn = ({ before, after }: AuditEntry): string => {
  const names = Object.keys(after ?? {}).filter((name) => name !== 'version' && name in (before ?? {}));
  const changed = names.filter((name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]));
  return listOf(changed.map(wordsOf));
};

/** The locked account or address. */
const subjectOf = (entry: AuditEntry): string => valueOf(entry, 'subject') || 'an unknown address';

const colon = (text: string, more: string): string => (more === '' ? text : `${text}: ${more}`);

const amountOf = (entry: AuditEntry, locale: string): string => {
  const { amountMinor } = entry.after ?? {};
  const currency = CURRENCIES.find((code) => code === entry.after?.['currency']);
  return typeof amountMinor === 'number' && currency !== undefined
    ? formatMoney({ amountMinor, currency }, locale)
    : 'an unknown amount';
};
const payment = ({ entry, person, locale }: Said): string =>
  `of ${amountOf(entry, locale)}${entry.person ? ` to ${person}` : ''}`;

const ENDS: Readonly<Record<string, string>> = {
  signed_out: 'signed out',
  revoked: 'ended from another device or by an administrator',
  password_changed: 'the password was changed',
  refresh_reused: 'its refresh token was used twice',
  suspended: 'the account was suspended',
};

const decided =
  (verb: string) =>
  ({ actor, person }: Said): string =>
    `${actor} ${verb} ${person}`;

const USERS: [string, string, EventText['say']][] = [
  [auth.events.userInvited.name, 'User invited', decided('invited')],
  [auth.events.invitationRenewed.name, 'Invitation renewed', decided('renewed the invitation of')],
  [
    auth.events.invitationAccepted.name,
    'Invitation accepted',
    ({ person }) => `${person} accepted the invitation`,
  ],
  [
    auth.events.userChanged.name,
    'Account created or changed',
    ({ entry, person }) =>
      entry.before === null
        ? `The account of ${person} was created`
        : colon(`The account of ${person} changed`, changedIn(entry)),
  ],
  [
    auth.events.userEdited.name,
    'User edited',
    (said) => colon(decided('edited')(said), changedIn(said.entry)),
  ],
  [
    auth.events.roleChanged.name,
    'Role changed',
    ({ entry, actor, person }) => {
      const [from, to] = [roleOf(entry.before?.['role']), roleOf(entry.after?.['role'])];
      return `${actor} changed the role of ${person} from ${from} to ${to}`;
    },
  ],
  [auth.events.userSuspended.name, 'User suspended', decided('suspended')],
  [auth.events.userRestored.name, 'User restored', decided('restored')],
  [
    auth.events.userSignedOut.name,
    'User signed out',
    (said) => decided(said.entry.after?.['sessionId'] ? 'ended a session of' : 'signed out')(said),
  ],
  [auth.events.passwordReset.name, 'Password reset', decided('reset the password of')],
  [auth.events.userClosed.name, 'Account closed', decided('closed the account of')],
  [
    auth.events.accountClosed.name,
    'Account closed by its user',
    ({ person }) => `${person} closed the own account`,
  ],
];

const SIGN_IN: [string, string, EventText['say']][] = [
  [
    auth.events.sessionStarted.name,
    'Sign-in',
    ({ entry, person }) => {
      const device = valueOf(entry, 'device');
      return `${person} signed in${device === '' ? '' : ` with ${device}`}`;
    },
  ],
  [
    auth.events.sessionEnded.name,
    'Session ended',
    ({ entry, person }) => colon(`A session of ${person} ended`, ENDS[entry.reason ?? ''] ?? ''),
  ],
  [auth.events.sessionNamed.name, 'Device named', ({ person }) => `${person} named a device`],
  [
    auth.events.passwordChanged.name,
    'Password changed',
    ({ entry, actor, person }) =>
      entry.actor ? `${actor} changed the password` : `The password of ${person} was set`,
  ],
  [
    auth.events.signInLocked.name,
    'Sign-in locked',
    ({ entry, person }) => {
      const account = entry.person ? person : subjectOf(entry);
      return `Sign-in to ${account} was locked after ${valueOf(entry, 'failures')} failed attempts`;
    },
  ],
  [
    auth.events.lockoutLifted.name,
    'Lockout lifted',
    ({ entry, actor, person }) =>
      `${actor} lifted the lockout of ${entry.person ? person : subjectOf(entry)}`,
  ],
];

const KEYS: [string, string, EventText['say']][] = [
  [auth.events.keysRotated.name, 'Signing keys rotated', ({ actor }) => `${actor} rotated the signing keys`],
  [
    auth.events.keysRevoked.name,
    'Signing keys replaced',
    ({ actor }) => `${actor} replaced all signing keys`,
  ],
];

const PAYMENTS: [string, string, EventText['say']][] = [
  [
    payments.events.created.name,
    'Payment created',
    (said) => `${said.actor} created a payment ${payment(said)}`,
  ],
  [
    payments.events.processing.name,
    'Payment authorized',
    (said) => `The payment ${payment(said)} was authorized`,
  ],
  [
    payments.events.completed.name,
    'Payment completed',
    (said) => `The payment ${payment(said)} was completed`,
  ],
  [payments.events.failed.name, 'Payment failed', (said) => `The payment ${payment(said)} failed`],
  [
    payments.events.cancelled.name,
    'Payment cancelled',
    (said) => `${said.actor} cancelled the payment ${payment(said)}`,
  ],
  [
    payments.events.reversalStuck.name,
    'Money not given back yet',
    (said) => `The money of the payment ${payment(said)} could not be given back yet`,
  ],
];

const PROFILES: [string, string, EventText['say']][] = [
  [
    profile.events.detailsChanged.name,
    'Personal data changed',
    ({ entry, person }) => {
      const fields = entry.after?.['fields'];
      const names = Array.isArray(fields) ? fields.map((name) => wordsOf(String(name))) : [];
      return colon(`${person} changed personal data`, listOf(names));
    },
  ],
  [
    profile.events.avatarChanged.name,
    'Avatar changed',
    ({ entry, person }) => `${person} ${entry.after?.['hash'] === null ? 'removed' : 'changed'} the avatar`,
  ],
  [
    profile.events.exportRequested.name,
    'Export of own data requested',
    ({ person }) => `${person} requested an export of all own data`,
  ],
  [
    profile.events.exportFinished.name,
    'Export of own data finished',
    ({ entry, person }) =>
      `The export of all data of ${person} ${valueOf(entry, 'state') === 'failed' ? 'failed' : 'is ready'}`,
  ],
  [
    profile.events.preferencesChanged.name,
    'Preferences changed',
    ({ person }) => `${person} changed preferences`,
  ],
];

/** `3 dead letters`. */
const letters = ({ entry }: Said): string => {
  const count = Number(entry.after?.['count'] ?? 0);
  return count === 1 ? '1 dead letter' : `${count} dead letters`;
};
const SYSTEM: [string, string, EventText['say']][] = [
  [
    admin.events.deadLettersReplayed.name,
    'Dead letters replayed',
    (said) => `${said.actor} had ${letters(said)} sent back`,
  ],
  [
    admin.events.deadLettersDiscarded.name,
    'Dead letters discarded',
    (said) => `${said.actor} had ${letters(said)} deleted`,
  ],
];

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T/;
/** A value of a search as the page shows it: the name of an action, a day in the reader's time zone. */
const valueText = (value: unknown, locale: string): string => {
  const text = String(value);
  if (!ISO_TIME.test(text)) return EVENT_TEXTS.get(text)?.label ?? text;
  return new Intl.DateTimeFormat(dateLocale(locale), { dateStyle: 'medium' }).format(new Date(text));
};

const asked = ({ entry, actor, person, locale }: Said): string => {
  const what = wordsOf(valueOf(entry, 'action').split('.').at(-1) ?? '');
  const query = Object.entries((entry.after?.['query'] ?? {}) as Record<string, unknown>)
    .filter(([name]) => name !== 'sort')
    .map(([name, value]) => `${name === 'q' ? 'text' : wordsOf(name)} “${valueText(value, locale)}”`);
  const of = entry.person ? ` of ${person}` : '';
  return `${actor} read ${what}${of}${query.length === 0 ? '' : ` with ${listOf(query)}`}`;
};
const READS: [string, string, EventText['say']][] = [
  [auth.events.administratorRead.name, 'Users or sign-in read', asked],
  [admin.events.administratorRead.name, 'Audit log or system read', asked],
  [payments.events.administratorRead.name, 'Payments read', asked],
];

const inGroup = (group: string, lines: [string, string, EventText['say']][]): [string, EventText][] =>
  lines.map(([name, label, say]) => [name, { group, label, say }]);

/** What each event is called and how an entry of it reads, by the event's full name. */
export const EVENT_TEXTS: ReadonlyMap<string, EventText> = new Map([
  ...inGroup('Users', USERS),
  ...inGroup('Approvals', APPROVALS),
  ...inGroup('Configuration', CONFIGURATION),
  ...inGroup('Sign-in', SIGN_IN),
  ...inGroup('Read by administrators', READS),
  ...inGroup('Payments', PAYMENTS),
  ...inGroup('Profiles', PROFILES),
  ...inGroup('Signing keys', KEYS),
  ...inGroup('System', SYSTEM),
]);
