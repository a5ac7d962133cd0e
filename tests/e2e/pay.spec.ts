import { PASSWORD, VENDOR } from '../system/accounts.ts';
import { becomeNew, fillPayForm, newEmail, paymentsOf, signIn } from './actions.ts';
import { expect, heading, test } from './spec.ts';

const CONFIRM = /^Confirm and pay/;

test('a new customer signs up, pays a vendor and both see it completed', async ({ page, another }) => {
  const name = 'Ida Immediate';
  await page.goto('/');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(heading(page, 'Create an account')).toBeFocused();
  await page.getByRole('radio', { name: 'Customer' }).check();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail address').fill(newEmail('ida'));
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();

  await expect(heading(page, 'Payments')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'No payments yet' })).toBeVisible();
  await page.getByRole('link', { name: 'Pay a vendor' }).click();
  await fillPayForm(page, { vendor: VENDOR, amount: '12.34', card: 'Visa' });
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeFocused();
  await expect(page.getByText('€12.34', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Confirm and pay €12.34' }).click();

  await expect(page.getByRole('heading', { name: 'Paid', exact: true })).toBeVisible();
  await expect(page.getByText('Vera Vendor has the money.')).toBeVisible();
  await page.getByRole('link', { name: 'See the details' }).click();
  await expect(heading(page, 'Payment to Vera Vendor')).toBeVisible();
  const steps = page.getByRole('listitem').filter({ has: page.getByRole('time') });
  await expect(steps.first()).toContainText('Pending');
  await expect(steps.last()).toContainText('Completed');
  await page.getByRole('link', { name: 'All payments' }).click();
  await expect(page.getByRole('row', { name: /Vera Vendor.*Completed.*€12\.34/ })).toHaveCount(1);

  const vendor = await another();
  await vendor.goto('/');
  await signIn(vendor, VENDOR);
  await vendor.getByRole('searchbox', { name: 'Search' }).fill(name);
  await expect(vendor.getByRole('row', { name: /Ida Immediate.*Completed.*\+€12\.34/ })).toHaveCount(1);
  await vendor.getByRole('link', { name }).click();
  await expect(heading(vendor, `Payment from ${name}`)).toBeVisible();
});

const DECLINES = [
  ['Declined test card', /declined/i],
  ['Insufficient funds test card', /insufficient funds/i],
  ['Expired test card', /expired/i],
] as const;

test('a payment with a card that is declined, empty or expired fails with its reason', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  for (const [card, why] of DECLINES) {
    await page.goto('/payments/new');
    await fillPayForm(page, { card });
    await page.getByRole('button', { name: CONFIRM }).click();
    await expect(page.getByRole('heading', { name: 'Not paid' })).toBeVisible();
    await expect(page.getByText(why)).toBeVisible();
    await expect(page.getByRole('main').getByText('No money has moved.')).toBeVisible();
    await page.getByRole('link', { name: 'See the details' }).click();
    await expect(page.getByText('Why it failed')).toBeVisible();
    await expect(page.getByText(why).first()).toBeVisible();
  }
});

test('a double click on confirm makes one payment', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  await fillPayForm(page);
  await page.getByRole('button', { name: CONFIRM }).dblclick();
  await expect(page.getByRole('heading', { name: 'Paid', exact: true })).toBeVisible();
  expect(await paymentsOf(context, url)).toHaveLength(1);
});

test('confirming again after a lost response makes one payment', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  await fillPayForm(page);
  // The payment is made and its response is lost.
  await page.route('**/api/payments', async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByRole('button', { name: CONFIRM }).click();
  await expect(page.getByRole('alert')).toContainText('We do not know yet whether you have paid');
  await page.unroute('**/api/payments');
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Review payment' }).click();
  await page.getByRole('button', { name: /^(Confirm and pay|Try again)/ }).click();
  await expect(page.getByRole('heading', { name: 'Paid', exact: true })).toBeVisible();
  expect(await paymentsOf(context, url)).toHaveLength(1);
});

test('a slow payment is pending until it is cancelled, in the list and in its details', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  await fillPayForm(page, { card: 'Slow test card' });
  await page.getByRole('button', { name: CONFIRM }).click();
  await expect(page.getByRole('heading', { name: 'Waiting for the bank' })).toBeVisible();
  await page.getByRole('link', { name: 'See the details' }).click();

  await page.getByRole('button', { name: 'Cancel payment' }).click();
  const question = page.getByRole('dialog', { name: 'Cancel this payment?' });
  await expect(question).toContainText('€12.34 will not go to Vera Vendor');
  await question.getByRole('button', { name: 'Keep payment' }).click();
  await expect(question).toBeHidden();
  await expect(page.getByText('Pending').first()).toBeVisible();
  expect((await paymentsOf(context, url)).map(({ status }) => status)).toEqual(['pending']);

  await page.getByRole('button', { name: 'Cancel payment' }).click();
  await question.getByRole('button', { name: 'Cancel payment' }).click();
  await expect(question).toBeHidden();
  await expect(page.getByText('The payment was cancelled. No money has moved.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Cancel payment' })).toBeHidden();
  await page.getByRole('link', { name: 'All payments' }).click();
  await expect(page.getByRole('row', { name: /Vera Vendor.*Cancelled.*€12\.34/ })).toBeVisible();
});
