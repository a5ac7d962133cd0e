import { sentenceFor } from '../../../../shared/client/problem.ts';
import type { Party, Payment } from '../../../../shared/contracts/payments.ts';
import type { Role } from '../../../../shared/contracts/roles.ts';
import type { Theme } from '../../../../shared/contracts/profile.ts';
import { theme } from '../../../../shared/ui/theme.svelte.ts';
import { momentText } from '../../../../shared/ui/times.ts';
import { toast } from '../../../../shared/ui/toasts.svelte.ts';
import { preferences, savePreferences } from '../preferences/preferences.svelte.ts';
import { leaveGuard } from '../routing/leaving.svelte.ts';
import { follow } from '../routing/router.svelte.ts';
import { signOut } from '../session/session.svelte.ts';
import type { Command } from './command.ts';
import { placesOf } from './places.ts';

const showFailure = (error: unknown): void => void toast('error', sentenceFor(error));

const themeAction = (to: Theme, label: string, icon: Command['icon']): Command => ({
  id: `theme:${to}`,
  icon,
  label,
  words: 'theme colours appearance mode',
  isCurrent: theme.current === to,
  isKept: false,
  run: () => void savePreferences({ theme: to }).catch(showFailure),
});

/** The bell's own button, so that its panel opens as by a press. */
const openNotifications = (): void => {
  const bell = document.querySelector<HTMLElement>('[aria-controls=notifications-panel]');
  bell?.focus();
  if (bell?.ariaExpanded === 'false') bell.click();
};

/** What can be done on any page. */
export const actions = (showShortcuts: () => void): Command[] => [
  {
    id: 'notifications',
    icon: 'bell',
    label: 'Open notifications',
    isKept: false,
    run: openNotifications,
  },
  themeAction('light', 'Light theme', 'sun'),
  themeAction('dark', 'Dark theme', 'moon'),
  themeAction('system', 'Theme of the system', 'monitor'),
  {
    id: 'shortcuts',
    icon: 'terminal',
    label: 'Keyboard shortcuts',
    words: 'help keys',
    keys: '?',
    isKept: false,
    run: showShortcuts,
  },
  {
    id: 'api-docs',
    icon: 'code',
    label: 'API reference',
    words: 'developers documentation',
    isKept: false,
    run: () => void leaveGuard.leave(() => location.assign('/api/docs')),
  },
  {
    id: 'sign-out',
    icon: 'sign-out',
    label: 'Sign out',
    words: 'out log leave exit',
    isKept: false,
    run: () => void leaveGuard.leave(() => void signOut().catch(showFailure)),
  },
];

/** The pages of a role. */
export const pages = (role: Role): Command[] =>
  placesOf(role).map(({ href, ...place }) => ({
    ...place,
    id: href,
    isKept: true,
    run: () => follow(href),
  }));

/** A form for a payment to a vendor. */
export const payTo = ({ id, name, email }: Party): Command => ({
  id: `pay:${id}`,
  icon: 'arrow-up-right',
  label: `Pay ${name}`,
  note: email,
  words: email,
  isKept: true,
  run: () => follow(`/payments/new?payee=${id}`),
});

/** The page of a payment, for a party of it. */
export const openPayment = (payment: Payment, userId: string): Command => {
  const isSent = payment.payer.id === userId;
  const { name } = isSent ? payment.payee : payment.payer;
  const when = momentText(payment.createdAt, { locale: preferences.locale, nowMs: Date.now() });
  return {
    id: payment.id,
    icon: isSent ? 'arrow-up-right' : 'arrow-down-left',
    label: name,
    note: payment.description ? `${when} · ${payment.description}` : when,
    payment,
    isKept: true,
    run: () => follow(`/payments/${payment.id}`),
  };
};

/** Lists that are searched for what was typed; the server takes three characters and more. */
export const searches = (role: Role, text: string): Command[] => {
  const lists =
    role === 'ADMIN'
      ? ([
          ['/admin/payments', 'payments', 3],
          ['/admin/users', 'users', 2],
        ] as const)
      : ([['/payments', 'payments', 3]] as const);
  return lists.flatMap(([path, what, minLength]) =>
    text.length < minLength
      ? []
      : {
          id: `search:${path}`,
          icon: 'search' as const,
          label: `Search ${what} for “${text}”`,
          isKept: false,
          run: () => follow(`${path}?${new URLSearchParams({ q: text })}`),
        },
  );
};
