import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { IconName } from '../../../../../shared/ui/icons.ts';

type Task = { icon: IconName; title: string; text: string; lines: string[] };

/** What an administrator can do without a page for it. A test names those that are missing. */
export const API_TASKS: readonly Task[] = [
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
