import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { freeBasePort, makeInstance, root } from '../system/embedded-instance.ts';
import { CUSTOMER } from '../system/accounts.ts';
import { become, becomeNew, fillPayForm, pay } from './actions.ts';
import { live, openAdmin } from './admins.ts';
import { expect, heading, test as base } from './spec.ts';

/** Of its own: what is stopped here must not stop the other tests. */
const test = base.extend<object, { ownUrl: string }>({
  ownUrl: [
    async ({}, use) => {
      const port = await freeBasePort();
      const url = `http://localhost:${port}`;
      const env = {
        ...{ PUBLIC_URL: url, GATEWAY_LIMITS_OFF: 'true' },
        NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compile'),
      };
      const instance = makeInstance({ port, env });
      try {
        await instance.start();
        await use(url);
      } finally {
        await instance.remove();
      }
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  url: async ({ ownUrl }, use) => {
    await use(ownUrl);
  },
});
test.describe.configure({ mode: 'serial' });

/** How soon an open page shows a change. */
const SOON = { timeout: 2_000 };

const answer = async (page: Page, button: string, reason: string): Promise<void> => {
  await page.getByRole('dialog').getByLabel('Reason').fill(reason);
  await page.getByRole('dialog').getByRole('button', { name: button }).click();
};
const openConfiguration = async (page: Page): Promise<void> => {
  await page.goto('/admin/configuration');
  await expect(heading(page, 'Configuration')).toBeVisible();
  await live(page);
};
const part = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

test('payments are stopped at once and started again by two administrators; an open page follows', async ({
  page,
  context,
  url,
  another,
}) => {
  test.setTimeout(120_000);
  const asks = (await openAdmin(another, url, 'Asa Asker')).page;
  const approves = (await openAdmin(another, url, 'Pia Approver')).page;
  await becomeNew(context, url, { name: 'Paula Payer' });
  await page.goto('/payments/new');
  await live(page);
  await page.getByRole('combobox', { name: 'Vendor' }).fill('vendor@example.com');
  await page.getByRole('option', { name: 'vendor@example.com' }).click();
  await page.getByRole('textbox', { name: 'Amount' }).fill('12.34');
  await page.getByLabel('Description').fill('Two posters');
  await openConfiguration(asks);
  await openConfiguration(approves);

  // By keyboard alone.
  const running = (on: Page) => on.getByRole('switch', { name: 'New payments' });
  await running(asks).focus();
  await asks.keyboard.press('Space');
  await expect(asks.getByRole('dialog').getByLabel('Reason')).toBeFocused();
  await asks.keyboard.type('The processor has an incident');
  await asks.keyboard.press('Tab');
  await asks.keyboard.press('Tab');
  await asks.keyboard.press('Enter');

  const notice = page.getByText('New payments are paused at the moment');
  await expect(notice).toBeVisible(SOON);
  await expect(page.getByRole('button', { name: 'Review payment' })).toBeDisabled();
  await expect(page.getByLabel('Description')).toHaveValue('Two posters');
  await expect(pay(context, url)).rejects.toThrow('payments_stopped');
  await expect(running(asks)).not.toBeChecked();
  await expect(running(approves)).not.toBeChecked(SOON);
  await expect(part(approves, 'New payments')).toContainText('“The processor has an incident”');

  await running(asks).click();
  await answer(asks, 'Start payments', 'The incident is over');
  await expect(asks.getByText('Another administrator has to approve this')).toBeVisible();
  await asks.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await expect(part(asks, 'New payments')).toContainText('You have asked to start new payments again');
  await part(approves, 'New payments').getByRole('link', { name: 'Approvals' }).click();
  const request = approves.getByRole('listitem').filter({ hasText: 'Start new payments again' });
  await expect(request).toContainText('The incident is over');
  await request.getByRole('button', { name: /^Approve/ }).click();
  await answer(approves, 'Approve', 'Agreed');

  await expect(notice).toBeHidden(SOON);
  await expect(page.getByLabel('Description')).toHaveValue('Two posters');
  await page.getByRole('button', { name: 'Review payment' }).click();
  await page.getByRole('button', { name: /^Confirm and pay/ }).click();
  await expect(page).toHaveURL(/made=pay_/);
  await expect(running(asks)).toBeChecked(SOON);
  await part(asks, 'New payments')
    .getByRole('button', { name: /^History/ })
    .click();
  const history = part(asks, 'New payments').getByRole('list', { name: /^History/ });
  await expect(history.getByRole('listitem')).toHaveCount(2);
  await expect(history).toContainText('approved by another administrator');
});

test('a change of another administrator is shown before it is replaced; sign-ups close', async ({
  page,
  url,
  another,
}) => {
  test.setTimeout(120_000);
  const first = await openAdmin(another, url, 'Fay First');
  const second = await openAdmin(another, url, 'Sid Second');
  await page.goto('/sign-up');
  await openConfiguration(first.page);
  await first.page.getByRole('switch', { name: 'Sign-ups' }).click();
  await second.context.request.put(`${url}/api/admin/settings/signUpsStopped`, {
    data: { value: true, version: 0, reason: 'Robots' },
    headers: { origin: url },
  });
  const dialog = first.page.getByRole('dialog');
  await expect(dialog).toContainText('Sid Second closed sign-ups: “Robots”', SOON);
  await dialog.getByRole('button', { name: 'Go back' }).click();
  await expect(first.page.getByRole('switch', { name: 'Sign-ups' })).not.toBeChecked();

  await page.reload();
  await expect(page.getByText('Sign-ups are closed at the moment')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Create account' })).toBeDisabled();
});

test('largest amounts are checked beside their fields, and hold for who pays', async ({
  page,
  context,
  url,
  another,
}) => {
  test.setTimeout(120_000);
  const { page: admin } = await openAdmin(another, url, 'Lea Limits');
  await openConfiguration(admin);
  await admin.getByRole('button', { name: 'Change the largest amounts' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByLabel('Add a currency').selectOption('EUR');
  const euro = dialog.getByLabel('EUR – Euro');
  await expect(euro).toBeFocused();
  await euro.fill('0.10');
  await answer(admin, 'Save amounts', 'Fraud');
  await expect(euro).toHaveAccessibleDescription(/No payment is less than €0\.50/);
  await euro.fill('100');
  await dialog.getByRole('button', { name: 'Save amounts' }).click();
  await expect(dialog).toBeHidden();
  await expect(part(admin, 'Largest amounts').getByRole('row', { name: /^EUR €100\.00/ })).toBeVisible();

  await become(context, url, CUSTOMER);
  await page.goto('/payments/new');
  await fillPayForm(page, { amount: '200' });
  await expect(page.getByRole('textbox', { name: 'Amount' })).toHaveAccessibleDescription('At most €100.00.');
});
