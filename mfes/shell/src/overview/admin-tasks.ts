import { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { IconName } from '../../../../shared/ui/icons.ts';

type Task = { icon: IconName; title: string; text: string; lines: string[] };

/** What an administrator can do: with the routes of the API for it. A test names those that are missing. */
export const API_TASKS: readonly Task[] = [
  {
    icon: 'user',
    title: 'Users',
    text: 'Suspend a user, which ends every session at once, restore a user, or change a role.',
    lines: [
      auth.actions.suspend.http.route,
      auth.actions.restore.http.route,
      auth.actions.setRole.http.route,
    ],
  },
  {
    icon: 'lock',
    title: 'Lockouts',
    text: 'See which accounts and addresses are locked after wrong passwords, and lift a lockout.',
    lines: [auth.actions.lockouts.http.route, auth.actions.liftLockout.http.route],
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
