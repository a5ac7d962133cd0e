import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { fillPayForm, openFilters, pay } from './actions.ts';
import type { Made, Viewer } from './viewers.ts';

type Open = (page: Page, made: Made) => Promise<unknown>;

type Which = Exclude<keyof Made, 'email'>;

/** A state of a page: its viewer, how it is opened, and what has to be undone afterwards. */
export type View = { name: string; viewer: Viewer; open: Open; leave?: (page: Page) => Promise<unknown> };

const shown = (page: Page, name: string | RegExp, level?: number) =>
  page.getByRole('heading', { name, level }).first().waitFor();

const goTo =
  (path: string, title: string | RegExp, then: Open = async () => {}): Open =>
  async (page, made) => {
    await page.goto(path);
    await shown(page, title);
    await then(page, made);
  };

const problem = {
  type: 'about:blank',
  title: 'internal',
  status: 500,
  detail: 'Something went wrong on our side.',
  code: 'internal',
  requestId: '4bf92f3577b34da6',
};

const filledForm: Open = async (page) => {
  await page.goto('/payments/new');
  await fillPayForm(page, { amount: '1250', card: 'Visa' });
  await shown(page, 'Is this right?');
};
const inDetail =
  (which: Which, then: Open = async () => {}): Open =>
  async (page, made) => {
    await page.goto(`/payments/${made[which]}`);
    await shown(page, 'Timeline');
    await then(page, made);
  };
const pressed =
  (name: string | RegExp): Open =>
  (page) =>
    page.getByRole('button', { name }).click();

const openNotifications: Open = async (page) => {
  await page.goto('/payments');
  await shown(page, 'Payments');
  await page.getByRole('button', { name: /^Notifications/ }).click();
};

export const VIEWS: readonly View[] = [
  { name: 'sign-in', viewer: 'visitor', open: goTo('/sign-in', 'Sign in') },
  {
    name: 'sign-in-refused',
    viewer: 'visitor',
    open: goTo('/sign-in', 'Sign in', async (page) => {
      await page.getByLabel('E-mail address').fill(CUSTOMER);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    }),
  },
  { name: 'sign-up', viewer: 'visitor', open: goTo('/sign-up', 'Create an account') },
  {
    name: 'sign-up-errors',
    viewer: 'visitor',
    open: goTo('/sign-up', 'Create an account', pressed('Create account')),
  },
  {
    name: 'api-docs',
    viewer: 'visitor',
    open: goTo('/api/docs', 'Payloom API', (page) =>
      page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true))),
    ),
  },
  { name: 'not-found', viewer: 'visitor', open: goTo('/no/such/page', 'There is no page at this address') },
  {
    name: 'list',
    viewer: 'customer',
    open: goTo('/payments', 'Payments', (page) => page.getByText('Landing page copy').first().waitFor()),
  },
  {
    name: 'list-filtered',
    viewer: 'customer',
    open: goTo('/payments?status=failed&currency=EUR&q=zz', 'Payments', async (page) => {
      await page.getByText('Fonts, web licence').first().waitFor();
      await openFilters(page);
      await page.getByLabel('Amount from').fill('x');
    }),
  },
  { name: 'list-nothing-found', viewer: 'customer', open: goTo('/payments?q=zzzz', 'No payment matches') },
  {
    name: 'list-error',
    viewer: 'customer',
    open: async (page) => {
      await page.route('**/api/payments?*', (route) =>
        route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }),
      );
      await page.goto('/payments');
      await page.getByRole('alert').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
  { name: 'list-empty', viewer: 'newcomer', open: goTo('/payments', 'No payments yet') },
  {
    name: 'list-arrivals',
    viewer: 'payer',
    open: goTo('/payments?direction=sent', 'Payments', async (page) => {
      await page.locator('[data-live=connected]').waitFor({ state: 'attached' });
      await pay(page.context(), new URL(page.url()).origin);
      await page.getByRole('button', { name: 'new payment' }).waitFor();
    }),
  },
  { name: 'list-empty-vendor', viewer: 'vendor', open: goTo('/payments', 'No payments yet') },
  { name: 'pay', viewer: 'customer', open: goTo('/payments/new', /^Pay$/) },
  {
    name: 'pay-errors',
    viewer: 'customer',
    open: goTo('/payments/new', /^Pay$/, pressed('Review payment')),
  },
  {
    name: 'pay-search',
    viewer: 'customer',
    open: goTo('/payments/new', /^Pay$/, async (page) => {
      await page.getByRole('combobox', { name: 'Vendor' }).fill('example.com');
      await page.getByRole('option').first().waitFor();
    }),
  },
  {
    name: 'pay-amount-asked',
    viewer: 'customer',
    open: goTo('/payments/new', /^Pay$/, async (page) => {
      await page.getByRole('combobox', { name: 'Currency' }).selectOption('KWD');
      await page.getByRole('textbox', { name: 'Amount' }).fill('1.234');
      await page.getByRole('textbox', { name: 'Description' }).focus();
      await page.getByRole('group', { name: 'Amount: what do you mean?' }).waitFor();
    }),
  },
  { name: 'pay-review', viewer: 'customer', open: filledForm },
  {
    name: 'pay-result',
    viewer: 'payer',
    open: (page, { completed }) =>
      goTo(`/payments/new?made=${completed}`, 'Payment completed')(page, {} as Made),
  },
  {
    name: 'pay-result-waiting',
    viewer: 'payer',
    open: (page, { pending }) => goTo(`/payments/new?made=${pending}`, 'Payment pending')(page, {} as Made),
  },
  {
    name: 'pay-result-failed',
    viewer: 'payer',
    open: (page, { failed }) => goTo(`/payments/new?made=${failed}`, 'Payment failed')(page, {} as Made),
  },
  {
    name: 'pay-again',
    viewer: 'payer',
    open: async (page, { failed }) => {
      await page.goto(`/payments/new?again=${failed}`);
      await page.getByRole('alert').waitFor();
    },
  },
  { name: 'payment-completed', viewer: 'payer', open: inDetail('completed') },
  { name: 'payment-failed', viewer: 'payer', open: inDetail('failed') },
  { name: 'payment-pending', viewer: 'payer', open: inDetail('pending') },
  {
    name: 'payment-cancel',
    viewer: 'payer',
    open: inDetail('pending', async (page) => {
      await page.getByRole('button', { name: 'Cancel payment' }).click();
      await page.getByRole('dialog').waitFor();
    }),
  },
  {
    name: 'payment-missing',
    viewer: 'customer',
    open: goTo('/payments/pay_00', 'There is no such payment'),
  },
  {
    name: 'devices',
    viewer: 'payer',
    open: goTo('/settings/devices', 'Devices', (page) => page.getByRole('listitem').last().waitFor()),
  },
  {
    name: 'devices-with-dialog',
    viewer: 'payer',
    open: goTo('/settings/devices', 'Devices', async (page) => {
      await page.getByRole('region', { name: 'Other devices' }).getByRole('button').last().click();
      await page.getByRole('dialog').waitFor();
    }),
  },
  {
    name: 'devices-rename',
    viewer: 'payer',
    open: goTo('/settings/devices', 'Devices', async (page) => {
      await page
        .getByRole('button', { name: /^Rename/ })
        .first()
        .click();
      await page.getByRole('dialog').waitFor();
    }),
  },
  { name: 'devices-none-else', viewer: 'newcomer', open: goTo('/settings/devices', 'No other device') },
  { name: 'preferences', viewer: 'payer', open: goTo('/settings/preferences', 'Dates and numbers') },
  { name: 'password', viewer: 'customer', open: goTo('/settings/password', 'Change password') },
  {
    name: 'account',
    viewer: 'customer',
    open: goTo('/settings/password', 'Change password', pressed(/^Account of/)),
  },
  {
    name: 'notifications',
    viewer: 'payer',
    open: async (page, made) => {
      await openNotifications(page, made);
      await page.getByRole('region', { name: 'Notifications' }).getByRole('listitem').first().waitFor();
    },
  },
  {
    name: 'notifications-group',
    viewer: 'payer',
    open: async (page, made) => {
      await openNotifications(page, made);
      const panel = page.getByRole('region', { name: 'Notifications' });
      await panel.getByRole('button', { name: /new sign-ins/ }).click();
      await panel
        .getByRole('link', { name: /New sign-in/ })
        .last()
        .waitFor();
    },
  },
  {
    name: 'notifications-none',
    viewer: 'newcomer',
    open: async (page, made) => {
      await openNotifications(page, made);
      await shown(page, 'Nothing yet');
    },
  },
  {
    name: 'notifications-error',
    viewer: 'newcomer',
    open: async (page, made) => {
      await page.route('**/api/notifications?*', (route) =>
        route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }),
      );
      await openNotifications(page, made);
      await page.getByRole('alert').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'offline',
    viewer: 'customer',
    open: async (page) => {
      await page.goto('/payments');
      await page.locator('[data-live=connected]').waitFor({ state: 'attached' });
      await page.context().setOffline(true);
      await page.getByRole('banner').getByText('You are offline.').first().waitFor();
    },
    leave: (page) => page.context().setOffline(false),
  },
  { name: 'overview', viewer: 'admin', open: goTo('/admin', 'Overview') },
  {
    name: 'overview-account',
    viewer: 'admin',
    open: goTo('/admin', 'Overview', pressed(/^Account of/)),
  },
  {
    name: 'remote-missing',
    viewer: 'customer',
    open: async (page) => {
      await page.route('**/mfes/auth/**', (route) => route.abort());
      await page.goto('/settings/password');
      await shown(page, 'This page did not load');
      await page.unrouteAll();
    },
  },
];
