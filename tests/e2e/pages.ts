import { request } from '@playwright/test';
import { PASSWORD } from '../system/accounts.ts';
import { apiOf, fillPayForm, openFilters, pay } from './actions.ts';
import { ADMIN_VIEWS } from './admin-pages.ts';
import { goTo, pressed, problem, shown, type Open, type View } from './view.ts';
import type { Made } from './viewers.ts';
import { VISITOR_VIEWS } from './visitor-pages.ts';

type Which = Exclude<keyof Made, 'email'>;

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
const openNotifications: Open = async (page) => {
  await page.goto('/payments');
  await shown(page, 'Payments');
  await page.getByRole('button', { name: /^Notifications/ }).click();
};

export const VIEWS: readonly View[] = [
  ...VISITOR_VIEWS,
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
  { name: 'profile', viewer: 'payer', open: goTo('/settings/profile', 'Profile') },
  {
    name: 'profile-errors',
    viewer: 'newcomer',
    open: goTo('/settings/profile', 'Profile', async (page) => {
      await page.getByLabel('Telephone').fill('12345');
      await page.getByLabel('About you').fill('x'.repeat(501));
      await page.getByRole('button', { name: 'Save changes' }).click();
      await page.getByText('must start with +').waitFor();
    }),
  },
  { name: 'data', viewer: 'payer', open: goTo('/settings/data', 'Your data') },
  {
    name: 'data-close',
    viewer: 'newcomer',
    open: goTo('/settings/data', 'Your data', async (page) => {
      await page.getByRole('button', { name: 'Close account…' }).click();
      await page.getByRole('button', { name: 'Close my account' }).click();
      await page.getByText('must not be empty').waitFor();
    }),
  },
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
      // The end of a payment may stand between earlier ones; only those that follow each other are one.
      const device = await request.newContext();
      const credentials = { email: made.email, password: PASSWORD };
      for (let count = 0; count < 2; count++) {
        await apiOf(device, new URL(page.url()).origin).post('/api/auth/tokens', credentials);
      }
      await device.dispose();
      const panel = page.getByRole('region', { name: 'Notifications' });
      await panel
        .getByRole('button', { name: /new sign-ins/ })
        .first()
        .click();
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
  {
    name: 'reports-empty',
    viewer: 'vendor',
    open: goTo('/reports?from=2026-01-01&to=2026-01-05', 'Reports', (page) => shown(page, 'No payments')),
  },
  {
    name: 'reports',
    viewer: 'admin',
    open: goTo('/reports?from=2026-01-01&to=2026-12-31&group=month', 'Reports', (page) =>
      page.getByRole('table').first().waitFor(),
    ),
  },
  ...ADMIN_VIEWS,
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
