import { apiOf, become, becomeNew, newEmail, pay, signIn, signOut } from './actions.ts';
import { cachedTexts, decryptedTexts, storedTexts } from './kept-data.ts';
import { expect, heading, test, withoutMessages } from './spec.ts';
import type { BrowserContext, Page } from '@playwright/test';
import { PASSWORD } from '../system/accounts.ts';
import { whenStored } from './worker.ts';

const NAME = 'Quilla Quendresa';
const RENT = 'Rent for the boat house';
const note = (page: Page) =>
  page
    .getByRole('banner')
    .getByText(/^Saved .+ – you are offline\.$/)
    .first();
const bell = (page: Page) => page.getByRole('button', { name: /^Notifications/ });
const row = (page: Page) => page.getByRole('row', { name: RENT });

/** Opens list, payment and notifications of a new user, and waits until they are kept. */
const readAll = async (page: Page, context: BrowserContext, url: string) => {
  const user = await becomeNew(context, url, { name: NAME });
  const payment = await pay(context, url, { description: RENT });
  await page.goto('/payments');
  await row(page).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
  await bell(page).click();
  await expect(page.getByRole('region', { name: 'Notifications' }).getByRole('listitem')).not.toHaveCount(0);
  await page.keyboard.press('Escape');
  const marks = [user.email, NAME, RENT];
  await expect(async () => {
    const kept = await decryptedTexts(page);
    expect(marks.filter((mark) => !kept.includes(mark))).toEqual([]);
    expect(kept).toContain('"unread":');
  }).toPass({ timeout: 10_000, intervals: [100] });
  return { user, payment, marks };
};

/** A second later nothing of the user is left, neither as it is nor behind a key. */
const expectGone = async (page: Page, marks: readonly string[]): Promise<void> => {
  await expect(async () => {
    const all = (await storedTexts(page)) + (await decryptedTexts(page));
    expect(marks.filter((mark) => all.includes(mark))).toEqual([]);
    expect(all).not.toContain('payments.get');
  }).toPass({ timeout: 1_000, intervals: [50] });
  // Reading every script in it takes longer than a second.
  const cached = await cachedTexts(page);
  expect(marks.filter((mark) => cached.includes(mark))).toEqual([]);
};

test('what was read last is there without a network, with its age, and is read again with one', async ({
  page,
  context,
  url,
  another,
}) => {
  const { user } = await readAll(page, context, url);
  await page.getByRole('link', { name: 'All payments' }).first().click();
  await expect(row(page)).toBeVisible();
  await context.setOffline(true);
  await row(page).getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
  await expect(note(page)).toBeVisible();
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Payments' }).click();
  await expect(row(page)).toBeVisible();
  await expect(note(page)).toHaveText('Saved just now – you are offline.');
  await bell(page).click();
  await expect(page.getByRole('region', { name: 'Notifications' }).getByRole('listitem')).not.toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Mark all as read' })).toBeDisabled();
  await page.keyboard.press('Escape');
  const other = await another();
  await become(other.context(), url, user.email);
  await pay(other.context(), url, { description: 'Paid meanwhile' });
  await context.setOffline(false);
  await expect(note(page)).toHaveCount(0);
  await expect(page.getByRole('row', { name: 'Paid meanwhile' })).toBeVisible();
});

test('a start without an answer shows what was kept, until the server says that the session is over', async ({
  page,
  context,
  url,
}) => {
  const { marks } = await readAll(page, context, url);
  await page.goto('/payments');
  await expect(row(page)).toBeVisible();
  await withoutMessages(page);
  await page.route('**/api/**', (route) => route.abort());
  await page.reload();
  await expect(row(page)).toBeVisible();
  await expect(
    page.getByRole('banner').getByText('Saved just now – Payloom cannot be reached.').first(),
  ).toBeVisible();
  await expect(page.getByRole('button', { name: `Account of ${NAME}` })).toBeVisible();
  await context.clearCookies();
  await page.unroute('**/api/**');
  await page.reload();
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expectGone(page, marks);
});

test('kept answers are unreadable bytes, and gone in every tab a second after signing out', async ({
  page,
  context,
  url,
}) => {
  const { marks } = await readAll(page, context, url);
  const raw = await storedTexts(page);
  expect(raw).toContain('payments.get');
  expect(marks.filter((mark) => raw.includes(mark))).toEqual([]);
  const tab = await context.newPage();
  await tab.goto('/payments');
  await expect(row(tab)).toBeVisible();
  await signOut(page);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expectGone(page, marks);
  await expect(heading(tab, 'Sign in')).toBeVisible();
  await expectGone(tab, marks);
});

test('a session that is ended from elsewhere takes what was kept with it, and an open form stays', async ({
  page,
  context,
  url,
  another,
}) => {
  const { user, marks } = await readAll(page, context, url);
  const elsewhere = await another();
  await become(elsewhere.context(), url, user.email);
  await page.goto('/settings/profile');
  const street = page.getByLabel('Street and number');
  await street.fill('Quay 7');
  await expect(page.locator('[data-live=connected]')).toHaveCount(1);
  await apiOf(elsewhere.context().request, url).post('/api/auth/sessions/revoke-others', {});
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expectGone(page, marks);
  await signIn(page, user.email);
  await expect(street).toHaveValue('Quay 7');
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
});

test('what one user typed and kept is nothing to the next one', async ({ page, context, url }) => {
  const { user, marks } = await readAll(page, context, url);
  await page.goto('/settings/profile');
  const street = page.getByLabel('Street and number');
  await street.fill('Quay 7');
  await context.clearCookies();
  // Another request of the page may notice it first: then the button is gone.
  const save = page.getByRole('button', { name: 'Save changes' });
  await save.click({ timeout: 3_000 }).catch(() => undefined);
  await expect(heading(page, 'Sign in')).toBeVisible();
  await expectGone(page, marks);
  const next = newEmail('next');
  await apiOf(context.request, url).post('/api/auth/register', {
    email: next,
    password: PASSWORD,
    name: 'Nia Next',
  });
  await context.clearCookies();
  await signIn(page, next);
  await expect(street).toHaveValue('');
  await signOut(page);
  await signIn(page, user.email);
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('link', { name: 'Profile' }).click();
  await expect(street).toHaveValue('');
});

test('forms say that they need a network, and keep what was typed', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.goto('/settings/profile');
  const street = page.getByLabel('Street and number');
  const save = page.getByRole('button', { name: 'Save changes' });
  await street.fill('Quay 7');
  await context.setOffline(true);
  await expect(page.getByText('Saving needs a network connection. What you typed is kept.')).toBeVisible();
  await expect(save).toBeDisabled();
  await context.setOffline(false);
  await save.click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await page.goto('/payments/new');
  const amount = page.getByRole('textbox', { name: 'Amount' });
  await amount.fill('12.34');
  await context.setOffline(true);
  await expect(page.getByText('Paying needs a network connection. What you typed is kept.')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText('Paying needs a network connection.')).toHaveCount(0);
  await expect(amount).toHaveValue('12.34');
});

test.describe('with the service worker', () => {
  test.use({ serviceWorkers: 'allow' });

  test('a page that is opened without a network shows what was kept', async ({ page, context, url }) => {
    const { marks } = await readAll(page, context, url);
    await whenStored(page, 'payments');
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
    await context.setOffline(true);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
    await expect(page.getByRole('button', { name: `Account of ${NAME}` })).toBeVisible();
    await expect(note(page)).toBeVisible();
    await page.getByRole('link', { name: 'All payments' }).first().click();
    await expect(row(page)).toBeVisible();
    await context.setOffline(false);
    await expect(note(page)).toHaveCount(0);
    await signOut(page);
    await expect(heading(page, 'Sign in')).toBeVisible();
    await expectGone(page, marks);
  });
});
