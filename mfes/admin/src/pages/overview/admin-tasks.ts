import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { IconName } from '../../../../../shared/ui/icons.ts';

type Task = { icon: IconName; title: string; text: string; lines: string[] };

/** What an administrator can do: with the routes of the API for it. A test names those that are missing. */
export const API_TASKS: readonly Task[] = [
  {
    icon: 'search',
    title: 'Find users',
    text: 'Search users by name or e-mail address, and see one with sessions, lockout and last sign-in.',
    lines: [
      auth.actions.users.http.route,
      auth.actions.userDetails.http.route,
      auth.actions.userSessions.http.route,
    ],
  },
  {
    icon: 'user',
    title: 'Accounts',
    text: 'Invite a user, correct name and e-mail address, change a role, or close an account.',
    lines: [
      auth.actions.inviteUser.http.route,
      auth.actions.renewInvitation.http.route,
      auth.actions.editUser.http.route,
      auth.actions.setRole.http.route,
      auth.actions.closeUser.http.route,
    ],
  },
  {
    icon: 'ban',
    title: 'Access',
    text: 'Suspend users, which ends every session at once, restore them, end sessions, reset a password.',
    lines: [
      auth.actions.suspend.http.route,
      auth.actions.suspendUsers.http.route,
      auth.actions.restore.http.route,
      auth.actions.signOutUser.http.route,
      auth.actions.endUserSession.http.route,
      auth.actions.resetPassword.http.route,
    ],
  },
  {
    icon: 'check-circle',
    title: 'Approvals',
    text: 'Approve or reject what another administrator has asked for, such as a new administrator.',
    lines: [
      auth.actions.approvals.http.route,
      auth.actions.approve.http.route,
      auth.actions.reject.http.route,
    ],
  },
  {
    icon: 'clock',
    title: 'Audit log',
    text: 'Search what was done, by whom, on whom and why, and export what is found.',
    lines: [
      admin.actions.auditEntries.http.route,
      admin.actions.exportAuditCsv.http.route,
      admin.actions.exportAuditJson.http.route,
    ],
  },
  {
    icon: 'activity',
    title: 'System',
    text: 'See every process, database, queue and outbox as it is now, and the last hour.',
    lines: [admin.actions.system.http.route, admin.actions.systemHistory.http.route],
  },
  {
    icon: 'inbox',
    title: 'Dead letters',
    text: 'See what services could not handle and why; send it back to them, or discard it.',
    lines: [
      admin.actions.deadLetters.http.route,
      admin.actions.deadLetter.http.route,
      admin.actions.replayDeadLetters.http.route,
      admin.actions.discardDeadLetters.http.route,
      admin.actions.deadLetterRuns.http.route,
    ],
  },
  {
    icon: 'lock',
    title: 'Lockouts',
    text: 'See which accounts and addresses are locked after wrong passwords, and lift a lockout.',
    lines: [
      auth.actions.lockouts.http.route,
      auth.actions.liftLockout.http.route,
      auth.actions.liftUserLockout.http.route,
    ],
  },
  {
    icon: 'refresh',
    title: 'Signing keys',
    text: 'See the keys that sign access tokens, and replace them.',
    lines: [auth.actions.signingKeys.http.route, auth.actions.rotateKeys.http.route],
  },
];

/** What an operator does in a terminal on the server, without an account. */
export const SERVER_TASKS: readonly Task[] = [
  {
    icon: 'terminal',
    title: 'On the server',
    text: 'Create an administrator, replace the signing keys in an emergency, or look into one payment.',
    lines: [
      'npm run admin -- create --email … --name …',
      'npm run admin -- rotate-keys --reason …',
      'npm run repl',
    ],
  },
];
