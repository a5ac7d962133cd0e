import type { Page } from '@playwright/test';
import { become, becomeNew, becomeOnDevices, pay } from './actions.ts';
import { expect, heading, tabTo, test, withoutMessages } from './spec.ts';

const others = (page: Page) => page.getByRole('region', { name: 'Other devices' });
const rows = (page: Page) => others(page).getByRole('listitem');
const thisDevice = (page: Page) => page.getByRole('region', { name: 'This device' });
const signOutOf = (region: ReturnType<typeof others>) =>
  region.getByRole('button', { name: /^Sign out [A-Z]/ });
const question = (page: Page) => page.getByRole('dialog');
const confirm = (page: Page, name = 'Sign out') => question(page).getByRole('button', { name, exact: true });
const unavailable = {
  type: 'about:blank',
  title: 'unavailable',
  status: 503,
  detail: 'This is not available at the moment. Try again shortly.',
  code: 'unavailable',
  requestId: 'req-of-this-test',
};

test('signing out another device ends its session at once and removes its row', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url, { name: 'Dev Ices' });
  await page.goto('/payments');
  await page.getByRole('button', { name: 'Account of Dev Ices' }).click();
  await page.getByRole('link', { name: 'Devices' }).click();
  await expect(heading(page, 'Devices')).toBeFocused();
  await expect(thisDevice(page)).toContainText('Active now');
  await expect(thisDevice(page)).toContainText('when the account was created');
  await expect(others(page)).toContainText('No other device is signed in');
  await expect(others(page).getByRole('button')).toHaveCount(0);

  const elsewhere = await another();
  await become(elsewhere.context(), url, email);
  await elsewhere.goto('/payments');
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page)).toContainText('Last used today, ');
  await expect(rows(page)).toContainText('with password');

  await signOutOf(others(page)).click();
  await question(page).getByRole('button', { name: 'Go back' }).click();
  await expect(question(page)).toBeHidden();
  await expect(signOutOf(others(page))).toBeFocused();
  await signOutOf(others(page)).click();
  // Once: a second click would hit the page below the closed dialog, and take the focus away.
  await confirm(page).click();
  await expect(page.getByText(/was signed out\.$/).first()).toBeVisible();
  await expect(others(page)).toContainText('No other device is signed in');
  await expect(others(page).getByRole('heading', { name: 'Other devices' })).toBeFocused();
  await expect(heading(elsewhere, 'Sign in')).toBeVisible();
  await page.reload();
  await expect(thisDevice(page)).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
});

test('all other devices are signed out together, and this one stays signed in', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url);
  const pages = [await another(), await another()];
  for (const one of pages) {
    await become(one.context(), url, email);
    await one.goto('/payments');
    await expect(heading(one, 'Payments')).toBeVisible();
  }
  await page.goto('/settings/devices');
  await expect(rows(page)).toHaveCount(2);
  await others(page).getByRole('button', { name: 'Sign out all others' }).click();
  await confirm(page, 'Sign out all others').click();
  await expect(page.getByText('2 devices were signed out.')).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
  await expect(others(page).getByRole('button')).toHaveCount(0);
  for (const one of pages) await expect(heading(one, 'Sign in')).toBeVisible();
  await page.reload();
  await expect(thisDevice(page)).toBeVisible();
});

test('the password is changed among the settings, and a half-filled form asks before it is left', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/settings');
  await expect(heading(page, 'Profile')).toBeVisible();
  const tabs = page.getByRole('navigation', { name: 'Settings' });
  await tabTo(page, tabs.getByRole('link', { name: 'Password' }));
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Change password')).toBeFocused();
  await expect(tabs.getByRole('link', { name: 'Password' })).toHaveAttribute('aria-current', 'page');
  await page.getByLabel('Current password', { exact: true }).fill('TestPassword123!');
  await tabs.getByRole('link', { name: 'Devices' }).click();
  await question(page).getByRole('button', { name: 'Stay' }).click();
  await expect(page).toHaveURL(/\/settings\/password$/);
  await page.getByLabel('New password', { exact: true }).fill('Another-Password-9');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Your password is changed.')).toBeVisible();
  await tabs.getByRole('link', { name: 'Devices' }).click();
  await expect(heading(page, 'Devices')).toBeVisible();
});

test('more devices are loaded after the end of the list', async ({ page, context, url }) => {
  const { email } = await becomeNew(context, url);
  for (let count = 0; count < 27; count++) await become(context, url, email);
  await page.goto('/settings/devices');
  await expect(page.getByText('More than 24 other devices signed in.')).toBeAttached();
  await expect(rows(page)).toHaveCount(24);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(rows(page)).toHaveCount(27);
  await expect(rows(page).nth(24).getByRole('button').first()).toBeFocused();
  await expect(page.getByRole('button', { name: 'Show more' })).toHaveCount(0);
  await expect(rows(page).last()).toContainText('when the account was created');
});

test('signing out this device leads to the sign-in page, and the back button stays there', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/payments');
  await expect(heading(page, 'Payments')).toBeVisible();
  await page.goto('/settings/devices');
  await signOutOf(thisDevice(page)).click();
  await expect(question(page)).toContainText('Sign out this device?');
  await confirm(page).click();
  await expect(heading(page, 'Sign in')).toBeVisible();
  expect((await context.request.get(`${url}/api/auth/me`)).status()).toBe(401);
  await page.goBack();
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('errors of the device list and of a sign-out are shown in place and can be retried', async ({
  page,
  context,
  url,
  another,
}) => {
  await becomeOnDevices(context, url, another);
  await withoutMessages(page);
  const fail = { status: 503, contentType: 'application/problem+json', body: JSON.stringify(unavailable) };
  await page.route('**/api/auth/sessions*', (route) => route.fulfill(fail));
  await page.goto('/settings/devices');
  const card = page.getByRole('alert').filter({ hasText: 'Your devices could not be shown' });
  await expect(card).toContainText('req-of-this-test');
  await page.unroute('**/api/auth/sessions*');
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(rows(page)).toHaveCount(1);

  await page.route('**/api/auth/sessions/*', (route) => route.fulfill(fail));
  await signOutOf(others(page)).click();
  await confirm(page).click();
  await expect(question(page)).toBeHidden();
  await expect(rows(page).getByRole('alert')).toContainText('Not signed out.');
  await expect(signOutOf(others(page))).toBeFocused();
  await page.unroute('**/api/auth/sessions/*');
  await signOutOf(others(page)).click();
  await confirm(page).click();
  await expect(rows(page)).toHaveCount(0);
});

test('preferences are saved on change, kept after a reload, and applied in another browser', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url);
  await pay(context, url, { amountMinor: 123_456 });
  const elsewhere = await another();
  await become(elsewhere.context(), url, email);
  await elsewhere.goto('/payments');
  await expect(elsewhere.getByText('€1,234.56').first()).toBeVisible();

  await page.goto('/settings/preferences');
  const sent: unknown[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PATCH') sent.push(request.postDataJSON());
  });
  await page.getByRole('radio', { name: 'Dark' }).click();
  await expect(page.getByRole('region', { name: 'Theme' }).getByRole('status')).toHaveText('Saved');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('switch', { name: 'Payments sent' }).click();
  await expect(page.getByRole('region', { name: 'Notifications' }).getByRole('status')).toHaveText('Saved');
  await page.getByRole('radio', { name: 'Deutsch' }).click();
  await expect(page.getByRole('region', { name: 'Dates' }).getByRole('status')).toHaveText('Saved');
  expect(sent).toEqual([
    { theme: 'dark' },
    { notifications: { paymentsSent: false } },
    { language: 'de-DE' },
  ]);

  await expect(elsewhere.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(elsewhere.getByText(/1\.234,56\s€/).first()).toBeVisible();
  await page.reload();
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'Deutsch' })).toBeChecked();
  await expect(page.getByRole('switch', { name: 'Payments sent' })).not.toBeChecked();
  await expect(page.getByRole('switch', { name: 'Payments received' })).toBeChecked();
});

test('a preference that is not saved returns to its value, with the error beside it', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/settings/preferences');
  const received = page.getByRole('switch', { name: 'Payments received' });
  await expect(received).toBeChecked();
  await page.route('**/api/profile/preferences', (route) =>
    route.request().method() === 'PATCH' ? route.abort() : route.continue(),
  );
  await received.click();
  await expect(received).toHaveAccessibleDescription(/Not saved\. Payloom could not be reached/);
  await expect(received).toBeChecked();
  await page.getByRole('radio', { name: 'Dark' }).click();
  await expect(page.getByRole('region', { name: 'Theme' }).getByRole('alert')).toContainText('Not saved.');
  await expect(page.getByRole('radio', { name: 'As the system' })).toBeChecked();
  await expect(page.getByRole('radio', { name: 'Dark' })).not.toBeChecked();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme', 'dark');
  await page.unroute('**/api/profile/preferences');
  await received.click();
  await expect(received).not.toBeChecked();
  await expect(page.getByRole('region', { name: 'Notifications' }).getByRole('status')).toHaveText('Saved');
  await expect(page.getByRole('region', { name: 'Notifications' }).getByRole('alert')).toHaveCount(0);
});

test('keyboard only: sign out another device, choose a theme, switch off a notification', async ({
  page,
  context,
  url,
  another,
}) => {
  await becomeOnDevices(context, url, another);
  const { keyboard } = page;
  await page.goto('/settings/devices');
  await expect(rows(page)).toHaveCount(1);
  await tabTo(page, signOutOf(others(page)));
  await keyboard.press('Enter');
  await expect(question(page)).toBeVisible();
  await keyboard.press('Escape');
  await expect(question(page)).toBeHidden();
  await expect(signOutOf(others(page))).toBeFocused();
  await keyboard.press('Enter');
  await tabTo(page, confirm(page));
  await keyboard.press('Enter');
  await expect(others(page).getByRole('heading', { name: 'Other devices' })).toBeFocused();

  await page.goto('/settings/devices');
  await expect(thisDevice(page)).toBeVisible();
  await tabTo(page, page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Pref' }));
  await keyboard.press('Enter');
  await expect(heading(page, 'Preferences')).toBeFocused();
  await tabTo(page, page.getByRole('radio', { name: 'As the system' }));
  await keyboard.press('ArrowUp');
  await expect(page.getByRole('radio', { name: 'Dark' })).toBeChecked();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const signIns = page.getByRole('switch', { name: 'New sign-ins' });
  await tabTo(page, signIns);
  await keyboard.press('Space');
  await expect(signIns).not.toBeChecked();
  await expect(page.getByRole('region', { name: 'Notifications' }).getByRole('status')).toHaveText('Saved');
});
