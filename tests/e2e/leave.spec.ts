import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { becomeNew, fillPayForm, paymentsOf, signIn, signOut } from './actions.ts';
import { expect, heading, test } from './spec.ts';

const question = (page: Page) => page.getByRole('dialog', { name: 'Leave this page?' });
const name = (page: Page) => page.getByRole('textbox', { name: 'Name' });

/** The sign-up form, reached by a link, with a name typed in. */
const typeName = async (page: Page): Promise<void> => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await name(page).fill('Ida Interrupted');
};

/** Nothing is lost, and the address is that of the form. */
const expectKept = async (page: Page): Promise<void> => {
  await expect(question(page)).toBeHidden();
  await expect(page).toHaveURL('/sign-up');
  await expect(name(page)).toHaveValue('Ida Interrupted');
};

test('a link away from a form that would be lost asks first', async ({ page }) => {
  await typeName(page);
  const away = page.getByRole('main').getByRole('link', { name: 'Sign in' });
  await away.click();
  await expect(question(page)).toContainText('What you typed will be lost.');
  await page.getByRole('button', { name: 'Stay' }).click();
  await expectKept(page);
  await expect(away).toBeFocused();
  await away.click();
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(heading(page, 'Sign in')).toBeFocused();
  await expect(page).toHaveURL('/sign-in');
});

test('the back and forward buttons ask, and the address stays right', async ({ page }) => {
  await typeName(page);
  await page.goBack();
  await expect(question(page)).toBeVisible();
  await expect(page).toHaveURL('/sign-up');
  await page.keyboard.press('Escape');
  await expectKept(page);

  await page.goBack();
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expect(page).toHaveURL('/sign-in');
  await page.goForward();
  await expect(name(page)).toHaveValue('');
  await page.goBack();
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('closing the page asks in the browser’s own words', async ({ page }) => {
  await typeName(page);
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await expectKept(page);
});

test('a sign-in in another tab is followed at once, without a question', async ({ page, context }) => {
  await typeName(page);
  await page.goBack();
  await expect(question(page)).toBeVisible();
  const other = await context.newPage();
  await other.goto('/sign-in');
  await signIn(other, CUSTOMER);
  await expect(heading(page, 'Payments')).toBeVisible();
  await expect(question(page)).toBeHidden();
});

const review = (page: Page) => page.getByRole('heading', { name: 'Is this right?' });

test('a session that ends while one pays takes nothing away', async ({ page, context, url }) => {
  const { email } = await becomeNew(context, url);
  await page.goto('/payments/new');
  await fillPayForm(page, { amount: '31.70' });
  await expect(review(page)).toBeVisible();
  await context.clearCookies();
  // Another request of the page may notice it first: then the button is gone.
  const confirm = page.getByRole('button', { name: 'Confirm and pay' });
  await confirm.click({ timeout: 3_000 }).catch(() => undefined);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await signIn(page, email);
  await expect(review(page)).toBeVisible();
  await page.getByRole('button', { name: 'Confirm and pay €31.70' }).click();
  await expect(page.getByRole('heading', { name: 'Payment completed' })).toBeVisible();
  expect(await paymentsOf(context, url)).toHaveLength(1);
});

test('a form that one signs out of is lost, and nobody else sees it', async ({ page, context, url }) => {
  const { email } = await becomeNew(context, url);
  await page.goto('/payments/new');
  await fillPayForm(page, { amount: '31.70' });
  await expect(review(page)).toBeVisible();
  await signOut(page);
  await page.getByRole('button', { name: 'Leave' }).click();
  for (const address of [email, CUSTOMER]) {
    await signIn(page, address);
    await page
      .getByRole('navigation', { name: 'Main' })
      .getByRole('link', { name: 'Pay', exact: true })
      .click();
    await expect(page.getByRole('textbox', { name: 'Amount' })).toHaveValue('');
    await signOut(page);
  }
});
