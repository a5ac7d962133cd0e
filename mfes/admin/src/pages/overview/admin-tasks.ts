import type { IconName } from '../../../../../shared/ui/icons.ts';

type Task = { icon: IconName; title: string; text: string; lines: string[] };

/** What an administrator can do without a page for it. A test names those that are missing. */
export const API_TASKS: readonly Task[] = [
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
