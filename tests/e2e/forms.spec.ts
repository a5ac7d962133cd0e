import { ADMIN, CUSTOMER, PASSWORD, VENDOR } from '../system/accounts.ts';
import { become, becomeNew, newEmail } from './actions.ts';
import { expect, heading, test } from './spec.ts';

const AMOUNTS = [
  ['100.129', 'EUR', 'EUR has 2 decimals, not 3. Do you mean this?'],
  ['1000000', 'EUR', 'At most €999,999.99.'],
  ['0.49', 'EUR', 'At least €0.50.'],
  ['$12', 'EUR', 'Enter the amount in EUR, or choose another currency.'],
  ['1.5', 'JPY', 'JPY has no decimals.'],
  ['0', 'EUR', 'The amount must be more than zero.'],
  ['-3', 'EUR', 'The amount must be more than zero.'],
  ['twelve', 'EUR', 'Enter the amount in digits, such as 12.34.'],
  ['90071992547409.92', 'EUR', 'At most €999,999.99.'],
] as const;

test('an amount that its currency does not allow is refused beside its field', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  const amount = page.getByRole('textbox', { name: 'Amount' });
  const currency = page.getByRole('combobox', { name: 'Currency' });
  for (const [text, code, problem] of AMOUNTS) {
    await currency.selectOption(code);
    await amount.fill(text);
    await amount.blur();
    await expect(amount, text).toHaveAccessibleDescription(problem);
    await expect(amount, text).toHaveAttribute('aria-invalid', 'true');
    await amount.fill('');
    await expect(page.getByText(problem), text).toBeHidden();
  }
  await amount.fill('1500');
  await currency.selectOption('JPY');
  await expect(amount).not.toHaveAttribute('aria-invalid', 'true');
});

test('an incomplete pay form shows what is missing and focuses it', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  const vendor = page.getByRole('combobox', { name: 'Vendor' });
  const amount = page.getByRole('textbox', { name: 'Amount' });
  const description = page.getByRole('textbox', { name: 'Description' });
  const review = page.getByRole('button', { name: 'Review payment' });
  await review.click();
  await expect(vendor).toHaveAccessibleDescription(/Choose who gets the money/);
  await expect(vendor).toBeFocused();
  await expect(amount).toHaveAccessibleDescription(/Enter an amount/);

  await vendor.fill('V');
  await expect(page.getByRole('status').filter({ hasText: 'Type at least 2 characters.' })).toHaveCount(1);
  await vendor.fill('no such vendor');
  await expect(page.getByText('No active vendor matches.').first()).toBeVisible();
  await vendor.fill('Vera');
  await page.getByRole('option', { name: VENDOR }).click();
  await amount.fill('5');
  await description.fill('x'.repeat(501));
  await review.click();
  await expect(description).toHaveAccessibleDescription(/at most 500 characters/);
  await expect(description).toBeFocused();
  await description.fill('4242 4242 4242 4242');
  await review.click();
  await expect(description).toHaveAccessibleDescription(/card number/i);
  await description.fill('Two chairs');
  await review.click();
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible();
  await expect(page.getByText('Two chairs')).toBeVisible();
});

test('an error of the server is shown beside its field, and the input is kept', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/payments/new');
  await page.getByRole('combobox', { name: 'Vendor' }).fill('Vera');
  await page.getByRole('option', { name: VENDOR }).click();
  const amount = page.getByRole('textbox', { name: 'Amount' });
  await amount.fill('1234.5');
  await page.getByRole('button', { name: 'Review payment' }).click();
  // As if the limit had been lowered since the page was loaded.
  await page.route('**/api/payments', (route) => {
    const body = route.request().postDataJSON() as object;
    return route.continue({ postData: { ...body, amountMinor: 100_000_000 } });
  });
  await page.getByRole('button', { name: /^Confirm and pay/ }).click();
  await expect(amount).toHaveAccessibleDescription('At most €999,999.99.');
  await expect(amount).toBeFocused();
  await expect(amount).toHaveValue('1,234.50');
  await expect(page.getByRole('combobox', { name: 'Vendor' })).toHaveValue('Vera Vendor');
});

test('a vendor is not among its own payees, and an administrator cannot pay', async ({
  page,
  context,
  url,
  another,
}) => {
  const email = newEmail('lone');
  await becomeNew(context, url, { name: 'Lone Seller', role: 'VENDOR' });
  await page.goto('/payments/new');
  await page.getByRole('combobox', { name: 'Vendor' }).fill(email);
  await expect(page.getByText('No active vendor matches.').first()).toBeVisible();

  const admin = await another();
  await become(admin.context(), url, ADMIN);
  await admin.goto('/payments/new');
  await expect(admin.getByText('Administrators do not pay')).toBeVisible();
  await expect(
    admin.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Pay', exact: true }),
  ).toHaveCount(0);
});

test('the sign-up form shows each error beside its field', async ({ page, context, url }) => {
  await page.goto('/sign-up');
  const create = page.getByRole('button', { name: 'Create account' });
  const name = page.getByLabel('Name');
  const email = page.getByLabel('E-mail address');
  const password = page.getByLabel('Password', { exact: true });
  await create.click();
  await expect(name).toBeFocused();
  await expect(name).toHaveAccessibleDescription(/Fill this in\./);
  await expect(email).toHaveAccessibleDescription(/Fill this in\./);
  await expect(password).toHaveAccessibleDescription(/Fill this in\./);

  await name.fill('Ed Error');
  await expect(name).not.toHaveAttribute('aria-invalid', 'true');
  await email.fill('not an address');
  await password.fill('short');
  await expect(page.getByText('At least 12 characters, not met yet')).toBeVisible();
  await expect(page.getByText('A lower-case letter, met')).toBeVisible();
  await create.click();
  await expect(email).toHaveAccessibleDescription('Must be an e-mail address.');
  await expect(email).toBeFocused();
  await expect(password).toHaveAttribute('aria-invalid', 'true');

  await email.fill(CUSTOMER.toUpperCase());
  await password.fill(PASSWORD);
  await create.click();
  await expect(email).toHaveAccessibleDescription(/exists already/);
  await expect(email).toBeFocused();
  expect((await context.request.get(`${url}/api/auth/me`)).status()).toBe(401);
  await email.fill('someone.else@example.com');
  await expect(page.getByText('Is it yours?')).toHaveCount(0);
  await email.fill(CUSTOMER.toUpperCase());
  await page.getByText('Is it yours?').getByRole('link', { name: 'Sign in' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('a double click on create account signs up once', async ({ page }) => {
  await page.goto('/sign-up');
  await page.getByLabel('Name').fill('Dora Double');
  await page.getByLabel('E-mail address').fill(newEmail('dora'));
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).dblclick();
  await expect(heading(page, 'Payments')).toBeVisible();
  await expect(page.getByText('exists already')).toBeHidden();
});
