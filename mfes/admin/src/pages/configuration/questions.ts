import type { SettingKey } from '../../../../../shared/contracts/admin/settings.ts';

type Question = { title: string; body: string; confirmLabel: string; danger: boolean };

const WAITS = 'Another administrator has to approve this, unless you are the only one.';

/** What is asked before a setting is changed; of a stop, whether it is stopped now. */
export const QUESTIONS: Record<SettingKey, (isStopped: boolean) => Question> = {
  paymentsStopped: (isStopped) =>
    isStopped
      ? {
          title: 'Start new payments again?',
          body: `Customers and vendors can pay again. ${WAITS}`,
          confirmLabel: 'Start payments',
          danger: false,
        }
      : {
          title: 'Stop new payments?',
          body: 'Nobody can make a payment from now on, and every open page says so. Payments on their way go on.',
          confirmLabel: 'Stop payments',
          danger: true,
        },
  signUpsStopped: (isStopped) =>
    isStopped
      ? {
          title: 'Open sign-ups again?',
          body: `Everybody can open an account again. ${WAITS}`,
          confirmLabel: 'Open sign-ups',
          danger: false,
        }
      : {
          title: 'Close sign-ups?',
          body: 'Nobody can open an account without an invitation from now on.',
          confirmLabel: 'Close sign-ups',
          danger: true,
        },
  largestAmounts: () => ({
    title: 'Change the largest amounts',
    body: `Lower amounts hold at once. Where one is raised or removed: ${WAITS.charAt(0).toLowerCase()}${WAITS.slice(1)}`,
    confirmLabel: 'Save amounts',
    danger: false,
  }),
};
