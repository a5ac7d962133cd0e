import type { SettingKey } from '../../../../../shared/contracts/admin/settings.ts';

type Question = { title: string; body: string; confirmLabel: string; danger: boolean };

/** What each setting is about, in plain words. */
export const MEANINGS: Record<SettingKey, string> = {
  paymentsStopped:
    'Whether customers and vendors can make new payments. While they are stopped, payments that were made ' +
    'before go on, and the payment pages say so.',
  signUpsStopped:
    'Whether people can open an account by themselves. While sign-ups are closed, administrators can still ' +
    'invite users.',
  largestAmounts:
    'The largest amount of one payment, by currency. Without one, the largest amount that cards can be ' +
    'charged is the limit.',
};

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
          body:
            'Nobody can make a payment from now on, and the payment pages say so. ' +
            'Payments on their way go on.',
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
    body:
      'Lower amounts hold at once. Where one is raised or removed, another administrator has to approve ' +
      'it, unless you are the only one.',
    confirmLabel: 'Save amounts',
    danger: false,
  }),
};
