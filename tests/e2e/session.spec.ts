import { ADMIN, CUSTOMER, PASSWORD } from '../system/accounts.ts';
import { become, becomeNew, signIn, signOut } from './actions.ts';
import { expect, heading, test } from './spec.ts';

test('a wrong password and an unknown e-mail get the same error, and the input is kept', async ({ page }) => {
  await page.goto('/sign-in');
  const email = page.getByLabel('E-mail address');
  const sentence = 'The e-mail address or the password is not right.';
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(email).toHaveAccessibleDescription('Fill this in.');
  await expect(email).toBeFocused();
  await signIn(page, CUSTOMER, 'not the password');
  await expect(page.getByRole('alert')).toContainText(sentence);
  await expect(email).toHaveValue(CUSTOMER);
  await signIn(page, 'unknown@example.com', 'not the password');
  await expect(page.getByRole('alert')).toContainText(sentence);
  await signIn(page, CUSTOMER);
  await expect(heading(page, 'Payments')).toBeVisible();
});

test('sign-in leads to the requested page, and never to another site', async ({ page }) => {
  await page.goto('/payments?status=failed');
  await expect(heading(page, 'Sign in')).toBeVisible();
  await signIn(page, CUSTOMER);
  await expect(page).toHaveURL('/payments?status=failed');
  await expect(page.getByRole('tab', { name: 'Failed', selected: true })).toBeVisible();
  await page.goto('/sign-in');
  await expect(page).toHaveURL('/payments');
  await signOut(page);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await page.goto('/sign-in?next=%2F%2Fevil.example%2F');
  await signIn(page, CUSTOMER);
  await expect(page).toHaveURL('/payments');
});

test('an administrator begins at the overview, and nobody else has it', async ({ page }) => {
  await page.goto('/sign-in');
  await signIn(page, ADMIN);
  await expect(heading(page, 'Overview')).toBeVisible();
  await expect(page).toHaveURL('/admin');
  const places = page.getByRole('navigation', { name: 'Administration' });
  await expect(places.getByRole('link', { name: 'Overview' })).toHaveAttribute('aria-current', 'page');
  await page.setViewportSize({ width: 320, height: 700 });
  await expect(places.getByRole('link')).toHaveCount(0);
  await page.goto('/settings/password');
  await places.getByRole('button', { name: 'Administration' }).click();
  await places.getByRole('link', { name: 'Overview' }).click();
  await expect(heading(page, 'Overview')).toBeVisible();
  await expect(places.getByRole('link')).toHaveCount(0);
  await signOut(page);
  await signIn(page, CUSTOMER);
  await expect(heading(page, 'Payments')).toBeVisible();
  await page.goto('/admin');
  await expect(heading(page, 'There is no page at this address')).toBeVisible();
});

test('after sign-out the back button shows no private data', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  await page.getByRole('link', { name: 'Tokyo Tea House' }).first().click();
  await expect(heading(page, 'Payment to Tokyo Tea House')).toBeVisible();
  await signOut(page);
  await expect(heading(page, 'Sign in')).toBeVisible();
  expect((await context.request.get(`${url}/api/auth/me`)).status()).toBe(401);
  await page.goBack();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expect(page.getByText('Tokyo Tea House')).toHaveCount(0);
  await page.reload();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expect(page.getByText('Tokyo Tea House')).toHaveCount(0);
});

test('a new password replaces the old one, and other devices are signed out', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url, { name: 'Pia Password' });
  const elsewhere = await another();
  await become(elsewhere.context(), url, email);
  await elsewhere.goto('/payments');
  await expect(heading(elsewhere, 'Payments')).toBeVisible();

  await page.goto('/payments');
  await page.getByRole('button', { name: 'Account of Pia Password' }).click();
  await page.getByRole('link', { name: 'Change password' }).click();
  const current = page.getByLabel('Current password', { exact: true });
  const next = page.getByLabel('New password', { exact: true });
  const change = page.getByRole('button', { name: 'Change password' });
  await current.fill('not the password');
  await next.fill('AnotherPassword456?');
  await change.click();
  await expect(current).toHaveAccessibleDescription(/not right/);
  await current.fill(PASSWORD);
  await next.fill(PASSWORD);
  await change.click();
  await expect(next).toHaveAccessibleDescription(/same as the current one/);
  await next.fill('AnotherPassword456?');
  await change.dblclick();
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  await expect(current).toHaveValue('');

  // The other device is signed out by a message, without an action there.
  await expect(heading(elsewhere, 'Sign in')).toBeVisible();
  const notice = elsewhere.getByText('Your session has ended. Sign in again to go on.');
  await expect(notice).toBeVisible();
  await signIn(elsewhere, email, PASSWORD);
  await expect(elsewhere.getByRole('alert')).toContainText('not right');
  await expect(notice).toBeVisible();
  await signIn(elsewhere, email, 'AnotherPassword456?');
  await expect(elsewhere).toHaveURL('/payments');
  await expect(notice).toBeHidden();
});

test('a double click on sign in sends one request', async ({ page }) => {
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(CUSTOMER);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/api/auth/login')) sent.push(request.url());
  });
  await page.getByRole('button', { name: 'Sign in' }).dblclick();
  await expect(heading(page, 'Payments')).toBeVisible();
  expect(sent).toHaveLength(1);
});

test('signing out or in in one tab does the same in the other', async ({ page, context, url }) => {
  await becomeNew(context, url, { name: 'Tia Tabs' });
  await page.goto('/payments');
  await expect(heading(page, 'Payments')).toBeVisible();
  const other = await context.newPage();
  await other.goto('/payments/new');
  await expect(heading(other, /^Pay$/)).toBeVisible();
  await signOut(page);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expect(heading(other, 'Sign in')).toBeVisible();
  await signIn(page, CUSTOMER);
  await expect(heading(page, 'Payments')).toBeVisible();
  await expect(heading(other, /^Pay$/)).toBeVisible();
  await expect(other.getByRole('button', { name: 'Account of Carl Customer' })).toBeVisible();
});
