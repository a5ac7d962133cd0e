import { PASSWORD, VENDOR } from '../system/accounts.ts';
import { becomeNew, fillPayForm, newEmail, pay, paymentsOf, signIn } from './actions.ts';
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
  await page
    .getByRole('region', { name: 'Payments' })
    .getByRole('link', { name: 'Pay', exact: true })
    .click();
  await fillPayForm(page, { vendor: VENDOR, amount: '12.34', card: 'Visa' });
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeFocused();
  await expect(page.getByText('€12.34', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Confirm and pay €12.34' }).click();

  await expect(page.getByRole('heading', { name: 'Payment completed' })).toBeVisible();
  await expect(page.getByText('Vera Vendor has the money.')).toBeVisible();
  await page.getByRole('link', { name: 'Details', exact: true }).click();
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
    await expect(page.getByRole('heading', { name: 'Payment failed' })).toBeVisible();
    await expect(page.getByText(why)).toBeVisible();
    await expect(page.getByRole('main').getByText('No money has moved.')).toBeVisible();
    await page.getByRole('link', { name: 'Details', exact: true }).click();
    await expect(page.getByText('Why it failed')).toBeVisible();
    await expect(page.getByText(why).first()).toBeVisible();
  }
});

test('a double click on confirm makes one payment', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  await fillPayForm(page);
  await page.getByRole('button', { name: CONFIRM }).dblclick();
  await expect(page.getByRole('heading', { name: 'Payment completed' })).toBeVisible();
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
  await expect(page.getByRole('heading', { name: 'Payment completed' })).toBeVisible();
  expect(await paymentsOf(context, url)).toHaveLength(1);
});

test('offline, nothing can be confirmed; the way is free when the connection is back', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  await fillPayForm(page);
  const confirm = page.getByRole('button', { name: CONFIRM });
  await expect(confirm).toBeEnabled();
  await context.setOffline(true);
  await expect(confirm).toBeDisabled();
  await expect(page.getByRole('alert')).toContainText('You can confirm as soon as the connection is back.');
  await context.setOffline(false);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await confirm.click();
  await expect(page.getByRole('heading', { name: 'Payment completed' })).toBeVisible();
  await expect(heading(page, 'Your payment')).toBeVisible();
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
  await expect(page.getByRole('heading', { name: 'Payment pending' })).toBeVisible();
  await page.getByRole('link', { name: 'Details', exact: true }).click();

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

test('after a decline the form asks for another card only, and the failed payment stays in the list', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  const keys: (string | undefined)[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/api/payments'))
      keys.push(request.headers()['idempotency-key']);
  });
  await page.goto('/payments/new');
  await page.getByRole('textbox', { name: 'Description' }).fill('Two chairs');
  await fillPayForm(page, { card: 'Declined test card' });
  await page.getByRole('button', { name: CONFIRM }).click();
  await expect(page.getByRole('heading', { name: 'Payment failed' })).toBeVisible();
  const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
  await expect(steps).toHaveText([/Pay, done/, /Review, done/, /^\s*Failed\s*$/]);
  await page.getByRole('link', { name: 'Use another card' }).click();

  await expect(page.getByRole('alert')).toContainText('Your card was declined.');
  await expect(page.getByRole('radio', { name: 'Visa' })).toBeFocused();
  await expect(page.getByRole('radio', { checked: true })).toHaveCount(0);
  await expect(page.getByRole('combobox', { name: 'Vendor' })).toHaveValue('Vera Vendor');
  await expect(page.getByRole('textbox', { name: 'Amount' })).toHaveValue('12.34');
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Two chairs');
  await page.getByRole('button', { name: 'Review payment' }).click();
  await expect(page.getByRole('radiogroup')).toHaveAccessibleDescription('Choose a card.');
  await page.getByRole('radio', { name: 'Mastercard' }).check();
  await page.getByRole('button', { name: 'Review payment' }).click();
  await page.getByRole('button', { name: CONFIRM }).click();
  await expect(page.getByRole('heading', { name: 'Payment completed' })).toBeVisible();
  await expect(steps.last()).toHaveText(/Result, done/);
  expect(new Set(keys).size).toBe(2);
  const made = await paymentsOf(context, url);
  expect(made.map(({ status }) => status)).toEqual(['completed', 'failed']);
  expect(made.map(({ description }) => description)).toEqual(['Two chairs', 'Two chairs']);
});

test('the payee sees the brand of a card and nothing that reveals why it was declined', async ({
  context,
  url,
  another,
}) => {
  const seller = await another();
  const { email } = await becomeNew(seller.context(), url, { name: 'Vic Vendor', role: 'VENDOR' });
  await becomeNew(context, url);
  const bodies: Promise<string>[] = [];
  seller.on('response', (answer) => {
    // 304 has no body: the page has it already.
    if (answer.ok() && /\/api\/(payments|notifications)/.test(answer.url())) bodies.push(answer.text());
  });
  const { id } = await pay(context, url, { payee: email, card: 'pm_card_chargeDeclinedExpiredCard' });
  await seller.goto('/payments');
  await expect(seller.getByRole('row', { name: /Failed/ })).toHaveCount(1);
  await seller.goto(`/payments/${id}`);
  await expect(seller.getByRole('term').filter({ hasText: 'Card' })).toHaveCount(1);
  await expect(seller.getByRole('definition').filter({ hasText: /^\s*Visa\s*$/ })).toHaveCount(1);
  await expect(seller.getByRole('main')).not.toContainText(/expired/i);
  seller.removeAllListeners('response');
  const read = (await Promise.all(bodies)).join('');
  expect(read).toContain(id);
  expect(read).not.toMatch(/expired|pm_card/i);
});

test('the form offers the vendors and the currency of the last payments', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  await expect(page.getByRole('combobox', { name: 'Currency' })).toHaveValue('EUR');
  await expect(page.getByRole('group', { name: 'Recent vendors' })).toHaveCount(0);
  await pay(context, url, { payee: 'bakery@example.com' });
  await pay(context, url, { payee: 'tokyo@example.com', currency: 'JPY' });
  await page.reload();
  const recent = page.getByRole('group', { name: 'Recent vendors' }).getByRole('button');
  await expect(recent).toHaveText([/Tokyo Tea House$/, /Corner Bakery$/]);
  await expect(page.getByRole('combobox', { name: 'Currency' })).toHaveValue('JPY');
  await recent.last().click();
  await expect(recent.last()).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('combobox', { name: 'Vendor' })).toHaveValue('Corner Bakery');
  await expect(page.getByText('bakery@example.com')).toBeVisible();
});

test('a pay form asks before it is lost, unless nothing is typed or all is sent', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  const leave = () => page.getByRole('navigation', { name: 'Main' }).getByText('Payments').click();
  const question = page.getByRole('dialog', { name: 'Leave this page?' });
  await page.goto('/payments/new');
  await expect(heading(page, /^Pay$/)).toBeVisible();
  await leave();
  await expect(heading(page, 'Payments')).toBeVisible();
  await page.goBack();
  await page.getByRole('textbox', { name: 'Description' }).fill('Two chairs');
  await leave();
  await question.getByRole('button', { name: 'Stay' }).click();
  await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Two chairs');
  await fillPayForm(page);
  await leave();
  await question.getByRole('button', { name: 'Stay' }).click();
  await page.getByRole('button', { name: CONFIRM }).click();
  await expect(page.getByRole('heading', { name: 'Payment completed' })).toBeVisible();
  await leave();
  await expect(page.getByRole('row', { name: /Two chairs/ })).toBeVisible();
});
