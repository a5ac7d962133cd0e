import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { ADMIN, CUSTOMER } from '../system/accounts.ts';
import { CHROMIUM_WITH_HISTORY } from '../system/chromium.ts';
import { become, declineMeasuring, signOut } from './actions.ts';
import { expect, heading, test as base } from './spec.ts';

/** A context of a browser with its back/forward cache, which Playwright switches off. */
const test = base.extend<{ browserContext: BrowserContext }>({
  browserContext: async ({ url }, use) => {
    const browser = await chromium.launch(CHROMIUM_WITH_HISTORY);
    const context = await browser.newContext({ baseURL: url, reducedMotion: 'reduce' });
    await declineMeasuring(context);
    await context.addInitScript(() => {
      addEventListener('pageshow', ({ persisted }) => void Object.assign(window, { persisted }));
    });
    await use(context);
    await browser.close();
  },
});

/** A document of this origin that is none of the shell's. */
const AWAY = '/health/live';

const goBack = async (page: Page): Promise<void> => {
  // In a moment: the page that runs it goes away.
  await page.evaluate(() => void setTimeout(() => history.back()));
  await page.waitForFunction((away) => location.pathname !== away && 'persisted' in window, AWAY);
};

/** Leaves the page and comes back: whether it was restored, and what kept the browser from it. */
const goAndComeBack = async (page: Page): Promise<{ persisted: unknown; reasons: unknown }> => {
  await page.goto(AWAY);
  await goBack(page);
  return page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation');
    const { notRestoredReasons: reasons = null } = navigation as unknown as { notRestoredReasons?: unknown };
    return { persisted: (window as unknown as { persisted: boolean }).persisted, reasons };
  });
};
const RESTORED = { persisted: true, reasons: null };

test('pages come back from the back/forward cache, with their socket', async ({ browserContext, url }) => {
  const page = await browserContext.newPage();
  await page.goto('/sign-in');
  await expect(heading(page, 'Sign in')).toBeVisible();
  expect(await goAndComeBack(page)).toEqual(RESTORED);
  await become(browserContext, url, CUSTOMER);
  const connected = page.waitForEvent('websocket');
  await page.goto('/payments');
  await connected;
  const reconnected = page.waitForEvent('websocket');
  expect(await goAndComeBack(page)).toEqual(RESTORED);
  await reconnected;
  await expect(heading(page, 'Payments')).toBeVisible();
  await become(browserContext, url, ADMIN);
  for (const path of ['/admin/users', '/settings/preferences']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    expect([path, await goAndComeBack(page)]).toEqual([path, RESTORED]);
  }
});

test('a page that comes back after a sign-out in another tab shows nothing private', async ({
  browserContext,
  url,
}) => {
  await become(browserContext, url, CUSTOMER);
  const page = await browserContext.newPage();
  await page.goto('/payments');
  const payee = page.getByText('Tokyo Tea House');
  await expect(payee.first()).toBeVisible();
  await page.goto(AWAY);
  const other = await browserContext.newPage();
  await other.goto('/payments');
  await signOut(other);
  await expect(heading(other, 'Sign in')).toBeVisible();
  // Without an answer of the server: what the tabs share must do.
  await browserContext.route('**/api/**', (route) => route.abort());
  await goBack(page);
  await expect(payee).toHaveCount(0);
});
