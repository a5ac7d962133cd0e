import type { BrowserContext, Page } from '@playwright/test';
import { ADMIN } from '../system/accounts.ts';
import { apiOf, become, becomeNew, pay, SLOW_CARD } from './actions.ts';
import { expect, heading, tabTo, test } from './spec.ts';

// Pages also poll unfinished payments, but not before 15 s while messages arrive: what is visible within the
// usual 10 s has come by message.
const rows = (page: Page) => page.getByRole('row', { name: /^(?!.*Counterparty)/ });
const bell = (page: Page) => page.getByRole('button', { name: /^Notifications/ });
const centre = (page: Page) => page.getByRole('region', { name: 'Notifications' });
const items = (page: Page) => centre(page).getByRole('listitem');

/** Waits until the page's socket is connected. */
const isLive = (page: Page) => expect(page.locator('[data-live=connected]')).toHaveCount(1);

/** Opens a page and waits until it is live. */
const openLive = async (page: Page, path = '/payments'): Promise<Page> => {
  await page.goto(path);
  await isLive(page);
  return page;
};

/** A new vendor in a browser context of its own, on a live page. */
const openVendor = async (another: () => Promise<Page>, url: string, name = 'Vic Vendor') => {
  const page = await another();
  const { email } = await becomeNew(page.context(), url, { name, role: 'VENDOR' });
  await openLive(page);
  return { page, email };
};

const cancel = (context: BrowserContext, url: string, id: string) =>
  apiOf(context.request, url).post(`/api/payments/${id}/cancel`, {});

test('payer and payee both see a payment appear and change without a reload', async ({
  page,
  context,
  url,
  another,
}) => {
  const vendor = await openVendor(another, url);
  await becomeNew(context, url, { name: 'Pam Payer' });
  await openLive(page);
  await expect(vendor.page.getByText('No payments yet')).toBeVisible();

  const { id } = await pay(context, url, { payee: vendor.email, card: SLOW_CARD });
  for (const one of [page, vendor.page]) {
    await expect(rows(one).filter({ hasText: 'Pending' })).toHaveCount(1);
  }
  const link = vendor.page.getByRole('link', { name: 'Pam Payer' });
  await link.focus();
  await pay(context, url, { payee: vendor.email, amountMinor: 4_200 });
  for (const one of [page, vendor.page]) {
    await expect(rows(one).filter({ hasText: 'Completed' })).toHaveCount(1);
    await expect(rows(one)).toHaveCount(2);
  }
  await expect(vendor.page.getByText('Pam Payer paid you €42.00.')).toBeVisible();
  await expect(link.last()).toBeFocused();

  await vendor.page.goto(`/payments/${id}`);
  await expect(heading(vendor.page, 'Payment from Pam Payer')).toBeVisible();
  await isLive(vendor.page);
  await cancel(context, url, id);
  await expect(vendor.page.getByText('The payment was cancelled.').first()).toBeVisible();
  await expect(rows(page).filter({ hasText: 'Cancelled' })).toHaveCount(1);
  await expect(page.getByRole('status').filter({ hasText: 'is now cancelled' })).toHaveText(
    'Payment to Vic Vendor is now cancelled',
  );
});

test('ten tabs of one browser share one socket, refresh once, and are signed out together', async ({
  context,
  url,
  another,
}) => {
  test.setTimeout(120_000);
  const { email } = await becomeNew(context, url);
  const sockets: string[] = [];
  const refreshes: string[] = [];
  const tabs: Page[] = [];
  context.on('request', (request) => {
    if (request.url().endsWith('/api/auth/refresh')) refreshes.push(request.url());
  });
  for (let count = 0; count < 10; count++) {
    const tab = await context.newPage();
    tab.on('websocket', (socket) => sockets.push(socket.url()));
    tab.on('request', (request) => {
      if (/\/ws\/.*polling/.test(request.url())) sockets.push(request.url());
    });
    tabs.push(tab);
  }
  for (const tab of tabs) await openLive(tab);
  expect(sockets).toHaveLength(1);
  await pay(context, url, { description: 'Seen in every tab' });
  await Promise.all(
    tabs.map((tab) => expect(tab.getByRole('row', { name: /Seen in every tab.*Completed/ })).toBeVisible()),
  );
  expect(sockets).toHaveLength(1);

  for (let round = 1; round <= 3; round++) {
    await context.clearCookies({ name: /access/ });
    // The event of a page restored from the back/forward cache, after which each tab reads its session again.
    const shownAgain = () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
    const answers = tabs.map((tab) =>
      tab.waitForResponse((one) => one.url().endsWith('/me') && [200, 304].includes(one.status())),
    );
    await Promise.all(tabs.map((tab) => tab.evaluate(shownAgain)));
    await Promise.all(answers);
    expect(refreshes).toHaveLength(round);
  }
  for (const tab of tabs) await expect(heading(tab, 'Payments')).toBeVisible();

  const elsewhere = await another();
  await become(elsewhere.context(), url, email);
  // The message arrives at once, but ten tabs load the sign-in page at the same time.
  const signedOut = tabs.map((tab) => expect(heading(tab, 'Sign in')).toBeVisible({ timeout: 30_000 }));
  const notices = tabs.map((tab) =>
    expect(tab.getByText('Your session has ended. Sign in again to go on.')).toBeVisible(),
  );
  await apiOf(elsewhere.context().request, url).post('/api/auth/sessions/revoke-others', {});
  await Promise.all([...signedOut, ...notices]);
});

test('everything that happened during a network outage appears after it, once', async ({
  context,
  url,
  another,
}) => {
  const vendor = await openVendor(another, url);
  await becomeNew(context, url, { name: 'Pam Payer' });
  const state = vendor.page.getByRole('banner');
  const note = /^You are offline\. What you see may be old \(from today, \d?\d:\d\d( [AP]M)?\)\.$/;
  await vendor.page.context().setOffline(true);
  await expect(state.getByText(note).first()).toBeVisible();
  await expect(state.getByRole('status')).toHaveText(note);
  for (const amountMinor of [100, 200, 300]) await pay(context, url, { payee: vendor.email, amountMinor });
  await expect(rows(vendor.page)).toHaveCount(0);
  await vendor.page.context().setOffline(false);
  await expect(state.getByText(note)).toHaveCount(0);
  await expect(state.getByRole('status')).toHaveText('Connected again.');
  await isLive(vendor.page);
  for (const amount of ['€1.00', '€2.00', '€3.00']) {
    await expect(rows(vendor.page).filter({ hasText: amount }).filter({ hasText: 'Completed' })).toHaveCount(
      1,
    );
  }
  await expect(rows(vendor.page)).toHaveCount(3);
  await expect(bell(vendor.page)).toHaveAccessibleName('Notifications, 3 unread');
});

test('where WebSockets are blocked, long polling delivers messages', async ({
  page,
  context,
  url,
  another,
}) => {
  const seller = await another();
  await seller.routeWebSocket(/\/ws\//, (socket) => socket.close());
  const polled: string[] = [];
  seller.on('request', (request) => {
    if (/\/ws\/.*transport=polling/.test(request.url())) polled.push(request.url());
  });
  const { email } = await becomeNew(seller.context(), url, { name: 'Vic Vendor', role: 'VENDOR' });
  await openLive(seller);
  expect(polled).not.toEqual([]);
  await becomeNew(context, url, { name: 'Pam Payer' });
  await pay(context, url, { payee: email });
  await expect(rows(seller).filter({ hasText: 'Completed' })).toHaveCount(1);
  await page.close();
});

test('read notifications and the theme are the same on two devices of one user', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url, { name: 'Tess Two' });
  const other = await another();
  await become(other.context(), url, email);
  for (const one of [page, other]) {
    await openLive(one);
    await expect(bell(one)).toHaveAccessibleName('Notifications, 1 unread');
  }
  await bell(other).click();
  await expect(items(other)).toHaveText(/Unread: New sign-in with .+/);
  await bell(page).click();
  await centre(page).getByRole('button', { name: 'Mark all as read' }).click();
  await expect(bell(other)).toHaveAccessibleName('Notifications');
  await expect(items(other)).toHaveText(/^\s*New sign-in with .+/);

  const tab = await context.newPage();
  await openLive(tab);
  await page.getByRole('button', { name: 'Account of Tess Two' }).click();
  await page.getByRole('radio', { name: 'Dark' }).check();
  for (const one of [page, tab, other]) {
    await expect(one.locator('html')).toHaveAttribute('data-theme', 'dark');
  }
});

test('a role change updates the navigation at once', async ({ page, context, url, another }) => {
  const { id } = await becomeNew(context, url, { name: 'Rita Role' });
  await openLive(page);
  const reports = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Reports' });
  await expect(reports).toHaveCount(0);
  const admin = await another();
  await become(admin.context(), url, ADMIN);
  const setRole = (role: string) =>
    admin.context().request.put(`${url}/api/admin/users/${id}/role`, {
      data: { role, reason: 'She has opened a shop.' },
      headers: { origin: url },
      failOnStatusCode: true,
    });
  await setRole('VENDOR');
  await expect(reports).toBeVisible();
  await isLive(page);
  await expect(heading(page, 'Payments')).toBeVisible();
  await setRole('CUSTOMER');
  await expect(reports).toHaveCount(0);
});

test('keyboard only: read the notifications', async ({ page, context, url }) => {
  await becomeNew(context, url, { name: 'Kay Keyboard' });
  await openLive(page);
  // In sequence: of two concurrent payments either may complete first.
  await pay(context, url, { amountMinor: 1_100 });
  await expect(bell(page)).toHaveAccessibleName('Notifications, 1 unread');
  await pay(context, url, { amountMinor: 2_200 });
  await expect(bell(page)).toHaveAccessibleName('Notifications, 2 unread');
  const { keyboard } = page;
  await tabTo(page, bell(page));
  await keyboard.press('Enter');
  await expect(items(page)).toHaveCount(2);
  await keyboard.press('Escape');
  await expect(centre(page)).toBeHidden();
  await expect(bell(page)).toBeFocused();

  await keyboard.press('Enter');
  const newest = items(page).first().getByRole('link');
  await tabTo(page, newest);
  await expect(newest).toHaveAccessibleName(/^Unread: Your payment of €22\.00 to Vera Vendor/);
  await keyboard.press('Enter');
  await expect(heading(page, 'Payment to Vera Vendor')).toBeFocused();
  await expect(centre(page)).toBeHidden();
  await expect(bell(page)).toHaveAccessibleName('Notifications, 1 unread');

  await tabTo(page, bell(page));
  await keyboard.press('Enter');
  await tabTo(page, centre(page).getByRole('button', { name: 'Mark all as read' }));
  await keyboard.press('Enter');
  await expect(centre(page).getByRole('heading', { name: 'Notifications' })).toBeFocused();
  await expect(bell(page)).toHaveAccessibleName('Notifications');
  await keyboard.press('Tab');
  await expect(items(page).first().getByRole('link')).toBeFocused();
  await page.mouse.click(400, 500);
  await expect(centre(page)).toBeHidden();
});
