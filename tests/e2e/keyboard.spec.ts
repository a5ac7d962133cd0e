import { PASSWORD } from '../system/accounts.ts';
import { becomeNew } from './actions.ts';
import { expect, heading, tabTo, test } from './spec.ts';

test('keyboard only: sign in, pay with the slow card, cancel, sign out', async ({ page, another, url }) => {
  const { email } = await becomeNew((await another()).context(), url, { name: 'Kay Keyboard' });
  const { keyboard } = page;
  await page.goto('/');
  await expect(heading(page, 'Sign in')).toBeVisible();
  await tabTo(page, page.getByLabel('E-mail address'));
  await keyboard.type(email);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');
  await expect(heading(page, 'Payments')).toBeFocused();

  await tabTo(page, page.getByRole('main').getByRole('link', { name: 'Pay', exact: true }).first());
  await keyboard.press('Enter');
  await expect(heading(page, /^Pay$/)).toBeFocused();
  await tabTo(page, page.getByRole('combobox', { name: 'Vendor' }));
  await keyboard.type('corner');
  await expect(page.getByRole('option', { name: 'Corner Bakery' })).toHaveAttribute('aria-selected', 'true');
  await keyboard.press('Enter');
  await expect(page.getByRole('combobox', { name: 'Vendor' })).toHaveValue('Corner Bakery');
  await tabTo(page, page.getByRole('textbox', { name: 'Amount' }));
  await keyboard.type('7.50');
  await tabTo(page, page.getByRole('radio', { name: 'Visa' }));
  await keyboard.press('ArrowUp');
  await expect(page.getByRole('radio', { name: 'Slow test card' })).toBeChecked();
  await tabTo(page, page.getByRole('button', { name: 'Review payment' }));
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: /^Confirm and pay €7\.50/ }));
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Payment pending' })).toBeFocused();

  const cancel = page.getByRole('button', { name: 'Cancel payment' });
  const question = page.getByRole('dialog', { name: 'Cancel this payment?' });
  await tabTo(page, cancel);
  await keyboard.press('Enter');
  await expect(question).toBeVisible();
  await keyboard.press('Escape');
  await expect(question).toBeHidden();
  await expect(cancel).toBeFocused();
  await keyboard.press('Enter');
  await tabTo(page, question.getByRole('button', { name: 'Cancel payment' }));
  await keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Cancelled' })).toBeVisible();
  // The button is gone; the keyboard is not thrown back to the top of the page.
  await expect(page.locator('body')).not.toBeFocused();

  await page.goto('/payments');
  await expect(page.getByRole('row', { name: /Corner Bakery.*Cancelled/ })).toBeVisible();
  await keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await tabTo(page, page.getByRole('button', { name: 'Account of Kay Keyboard' }));
  await keyboard.press('Enter');
  await tabTo(page, page.getByRole('button', { name: 'Sign out' }));
  await keyboard.press('Enter');
  await expect(heading(page, 'Sign in')).toBeVisible();
});
