import type { BrowserContext, Page } from '@playwright/test';
import { ADMIN, PASSWORD } from '../system/accounts.ts';
import { apiOf, become, becomeNew, newEmail, signIn, signOut } from './actions.ts';
import { expect, heading, test } from './spec.ts';

const NEW_PASSWORD = 'AnotherPassword456!';

type Issued = { user: { id: string }; link: string };

/** Invites a user as an administrator, in a browser of the administrator's own. */
const invite = async (context: BrowserContext, url: string): Promise<Issued & { email: string }> => {
  await become(context, url, ADMIN);
  const email = newEmail('iva');
  const body = { email, name: 'Iva Invited', role: 'CUSTOMER', reason: 'New colleague' };
  return { ...(await apiOf(context.request, url).post<Issued>('/api/admin/users', body)), email };
};

const openLink = async (page: Page, { link }: Issued, title: string): Promise<void> => {
  await page.goto(link);
  await expect(heading(page, title)).toBeVisible();
};

const setPassword = async (page: Page, password: string): Promise<void> => {
  await page.getByLabel('New password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
};

test('an invitation sets the password and signs in; its token stays out of the address', async ({
  page,
  another,
  url,
}) => {
  const invited = await invite((await another()).context(), url);
  await openLink(page, invited, 'Welcome, Iva Invited');
  await expect(page).toHaveURL('/set-password');
  await expect(page.getByText(invited.email)).toBeVisible();
  await setPassword(page, 'short');
  await expect(page.getByLabel('New password', { exact: true })).toBeFocused();
  await setPassword(page, NEW_PASSWORD);
  await expect(heading(page, 'Payments')).toBeVisible();
  await expect(page).toHaveURL('/payments');
  await signOut(page);
  await signIn(page, invited.email, NEW_PASSWORD);
  await expect(heading(page, 'Payments')).toBeVisible();
});

test('a used link and a missing one say what to do', async ({ page, another, url }) => {
  const invited = await invite((await another()).context(), url);
  await openLink(page, invited, 'Welcome, Iva Invited');
  await setPassword(page, NEW_PASSWORD);
  await expect(heading(page, 'Payments')).toBeVisible();
  await signOut(page);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await openLink(page, invited, 'This link no longer works');
  await page.reload();
  await expect(heading(page, 'Open your link again')).toBeVisible();
  await page.getByRole('link', { name: 'Sign in' }).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('a link that is used elsewhere while its page is open says so', async ({ page, another, url }) => {
  const invited = await invite((await another()).context(), url);
  await openLink(page, invited, 'Welcome, Iva Invited');
  const elsewhere = await another();
  await openLink(elsewhere, invited, 'Welcome, Iva Invited');
  await setPassword(elsewhere, NEW_PASSWORD);
  await expect(heading(elsewhere, 'Payments')).toBeVisible();
  await setPassword(page, PASSWORD);
  await expect(heading(page, 'This link no longer works')).toBeVisible();
});

test('a reset password is replaced, and another user on the device is signed out', async ({
  page,
  context,
  another,
  url,
}) => {
  const admin = (await another()).context();
  const { email, id } = await becomeNew(admin, url, { name: 'Rea Reset' });
  await become(admin, url, ADMIN);
  const path = `/api/admin/users/${id}/password-reset`;
  const reset = await apiOf(admin.request, url).post<Issued>(path, { reason: 'Asked by phone' });
  const other = await becomeNew(context, url, { name: 'Otto Other' });
  await openLink(page, reset, 'Set a new password');
  await expect(page.getByText(`You are signed in as ${other.email}.`)).toBeVisible();
  await setPassword(page, NEW_PASSWORD);
  await expect(heading(page, 'Payments')).toBeVisible();
  const account = page.getByRole('button', { name: /^Account of/ });
  await expect(account).toHaveAccessibleName(/Rea Reset/);
  expect((await apiOf(context.request, url).get<{ email: string }>('/api/auth/me')).email).toBe(email);
});
