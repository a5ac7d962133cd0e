import type { Client } from '../../../../../shared/client/client.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';
import type { SessionId } from '../../../../../shared/contracts/ids.ts';
import type { Role } from '../../../../../shared/contracts/roles.ts';
import type { ManagedUser } from '../../../../../shared/contracts/auth/users.ts';
import { ROLE_LABELS, STATE_LABELS } from '../../parts/user-texts.ts';

export type IssuedLink = ResultOf<typeof auth.actions.resetPassword>;
type UserDetails = ResultOf<typeof auth.actions.userDetails>;

/** What a dialog asks for beside the reason. */
export type ActValues = { reason: string; name: string; email: string; role: Role; confirmation: string };

export type Act = {
  /** The button, and the end of the sentence "Confirm to …". */
  label: string;
  title: (user: ManagedUser) => string;
  body: string;
  confirmLabel: string;
  danger?: boolean;
  /** What is filled in beside the reason. */
  fields?: 'names' | 'role' | 'confirmation';
  send: (client: Client, user: ManagedUser, values: ActValues) => Promise<ManagedUser | IssuedLink>;
  /** What has happened, as a sentence. */
  done: (user: ManagedUser) => string;
};

const edit: Act = {
  label: 'Edit',
  title: ({ name }) => `Edit ${name}`,
  body: 'Another e-mail address is used from the next sign-in on; one-time links become void.',
  confirmLabel: 'Save changes',
  fields: 'names',
  // Only what was changed here, so that it does not undo what another administrator has changed meanwhile.
  send: (client, user, { name, email, reason }) =>
    client.call(auth.actions.editUser, {
      id: user.id,
      reason,
      ...(name.trim() !== user.name && { name: name.trim() }),
      ...(email.trim() !== user.email && { email: email.trim() }),
    }),
  done: ({ name }) => `${name} was changed.`,
};

const setRole: Act = {
  label: 'Change role',
  title: ({ name }) => `Change the role of ${name}`,
  body: 'It takes effect with the next request; the user stays signed in.',
  confirmLabel: 'Change role',
  fields: 'role',
  send: (client, { id }, { role, reason }) => client.call(auth.actions.setRole, { id, role, reason }),
  done: ({ name, role }) => `${name} has the role ${ROLE_LABELS[role]} now.`,
};

const suspend: Act = {
  label: 'Suspend',
  title: ({ name }) => `Suspend ${name}?`,
  body:
    'All sessions end at once and sign-in is refused, until the user is restored. ' +
    'A vendor cannot be paid.',
  confirmLabel: 'Suspend',
  danger: true,
  send: (client, { id }, { reason }) => client.call(auth.actions.suspend, { id, reason }),
  done: ({ name }) => `${name} was suspended.`,
};

const restore: Act = {
  label: 'Restore',
  title: ({ name }) => `Restore ${name}?`,
  body: 'The user can sign in again, and a vendor can be paid again.',
  confirmLabel: 'Restore',
  send: (client, { id }, { reason }) => client.call(auth.actions.restore, { id, reason }),
  done: ({ name }) => `${name} was restored.`,
};

const signOut: Act = {
  label: 'Sign out everywhere',
  title: ({ name }) => `Sign out ${name} everywhere?`,
  body: 'Every session ends at once. The user can sign in again.',
  confirmLabel: 'Sign out everywhere',
  danger: true,
  send: (client, { id }, { reason }) => client.call(auth.actions.signOutUser, { id, reason }),
  done: ({ name }) => `${name} was signed out everywhere.`,
};

const resetPassword: Act = {
  label: 'Reset password',
  title: ({ name }) => `Reset the password of ${name}?`,
  body:
    'The password is void at once and all sessions end. ' +
    'The user sets another password with a one-time link.',
  confirmLabel: 'Reset password',
  danger: true,
  send: (client, { id }, { reason }) => client.call(auth.actions.resetPassword, { id, reason }),
  done: ({ name }) => `The password of ${name} was reset.`,
};

const renewInvitation: Act = {
  label: 'Renew invitation',
  title: ({ name }) => `Renew the invitation of ${name}?`,
  body: 'The user gets another one-time link. The former one is void.',
  confirmLabel: 'Renew invitation',
  send: (client, { id }, { reason }) => client.call(auth.actions.renewInvitation, { id, reason }),
  done: ({ name }) => `The invitation of ${name} was renewed.`,
};

const liftLockout: Act = {
  label: 'Lift lockout',
  title: ({ name }) => `Lift the lockout of ${name}?`,
  body: 'The wrong passwords no longer count, and the user can sign in at once.',
  confirmLabel: 'Lift lockout',
  send: (client, { id }, { reason }) => client.call(auth.actions.liftUserLockout, { id, reason }),
  done: ({ name }) => `The lockout of ${name} was lifted.`,
};

const close: Act = {
  label: 'Close account',
  title: ({ name }) => `Close the account of ${name}?`,
  body:
    'This cannot be undone. Name and e-mail address are anonymised, all sessions end, and the address can ' +
    'be used for a new account. Payments and audit entries stay.',
  confirmLabel: 'Close account for good',
  danger: true,
  fields: 'confirmation',
  send: (client, { id }, { reason }) => client.call(auth.actions.closeUser, { id, reason }),
  done: () => 'The account was closed.',
};

/** The end of one session of a user. */
export const endSessionOf = (sessionId: SessionId, device: string): Act => ({
  label: 'Sign out',
  title: ({ name }) => `Sign out ${device} of ${name}?`,
  body: 'The session ends at once. The user can sign in again.',
  confirmLabel: 'Sign out',
  danger: true,
  send: (client, { id }, { reason }) => client.call(auth.actions.endUserSession, { id, sessionId, reason }),
  done: () => `${device} was signed out.`,
});

export const ACTS = {
  edit,
  setRole,
  renewInvitation,
  restore,
  suspend,
  signOut,
  resetPassword,
  liftLockout,
  close,
} as const satisfies Record<string, Act>;

/** What can be done to a user now, as the buttons of the page, in their order. */
export const actsFor = (
  { state, sessions }: Pick<UserDetails, 'state' | 'sessions'>,
  isOwn: boolean,
): Act[] => {
  if (state === 'closed') return [];
  // Everything else to the own account is for another administrator.
  if (isOwn) return [ACTS.edit];
  return [
    ACTS.edit,
    ACTS.setRole,
    ...(state === 'invited' ? [ACTS.renewInvitation] : []),
    ...(sessions.items.length > 0 ? [ACTS.signOut] : []),
    ...(state === 'invited' ? [] : [ACTS.resetPassword]),
    state === 'suspended' ? ACTS.restore : ACTS.suspend,
    ACTS.close,
  ];
};

/** What of a user has changed since a dialog was opened, as sentences; an empty text when nothing has. */
export const driftText = (before: ManagedUser, now: ManagedUser): string =>
  [
    now.name === before.name ? '' : `The name is ${now.name} now.`,
    now.email === before.email ? '' : `The e-mail address is ${now.email} now.`,
    now.role === before.role ? '' : `The role is ${ROLE_LABELS[now.role]} now.`,
    now.state === before.state ? '' : `The account is ${STATE_LABELS[now.state].toLowerCase()} now.`,
  ]
    .filter(Boolean)
    .join(' ');

/** Whether an answer has a one-time link with it. */
export const isIssued = (answer: ManagedUser | IssuedLink): answer is IssuedLink => 'user' in answer;

/** What is wrong with the fields of an act beside its reason; `{}` when they can be sent. */
export const fieldProblems = (
  { fields }: Act,
  user: ManagedUser,
  { name, email, role, confirmation }: ActValues,
): Record<string, string> => {
  if (fields === 'names') {
    if (name.trim() === user.name && email.trim() === user.email) return { name: 'Nothing was changed yet.' };
    return {
      ...(name.trim() === '' && { name: 'Fill this in.' }),
      ...(email.trim() === '' && { email: 'Fill this in.' }),
    };
  }
  if (fields === 'role' && role === user.role) return { role: 'The user has this role already.' };
  if (fields === 'confirmation' && confirmation.trim().toLowerCase() !== user.email.toLowerCase()) {
    return { confirmation: 'This is not the e-mail address of the account.' };
  }
  return {};
};
