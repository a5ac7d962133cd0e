import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { become } from './actions.ts';
import { shiftsOn, watchShifts } from './layout-shifts.ts';
import { expect, heading, test } from './spec.ts';

const skeleton = (page: Page) => page.locator('.frame-skeleton');
const mark = (page: Page) => page.getByRole('banner').locator('svg').first();

/** Holds back all scripts and stylesheets of the pages, or what is named; returns what lets them through. */
const holdAssets = async (page: Page, which = /\/assets\//): Promise<() => void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route(which, async (route) => {
    await promise;
    await route.continue();
  });
  return resolve;
};

for (const { who, path, title } of [
  { who: 'a visitor', path: '/sign-in', title: 'Sign in' },
  { who: 'a customer', path: '/payments', title: 'Payments' },
]) {
  for (const width of [320, 1280]) {
    test(`${who} sees the frame before any script at ${width} px, and nothing moves later`, async ({
      page,
      context,
      url,
    }) => {
      await page.setViewportSize({ width, height: 800 });
      if (path === '/payments') {
        await become(context, url, CUSTOMER);
        await context.addInitScript(() => localStorage.setItem('payloom-signed-in', '1'));
      }
      await watchShifts(context);
      const release = await holdAssets(page);
      await page.goto(path, { waitUntil: 'commit' });
      await expect(skeleton(page)).toBeVisible();
      const painted = () => performance.getEntriesByName('first-contentful-paint').length;
      await expect.poll(() => page.evaluate(painted)).toBe(1);
      const before = await mark(page).boundingBox();
      release();
      await expect(heading(page, title)).toBeVisible();
      await expect(skeleton(page)).toHaveCount(0);
      expect(await mark(page).boundingBox()).toEqual(before);
      expect(await shiftsOn(page)).toEqual([]);
    });
  }
}

test('a typeface that comes after the text moves nothing', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await watchShifts(context);
  const release = await holdAssets(page, /\.woff2$/);
  const typeface = page.waitForResponse(/\.woff2$/);
  await page.goto('/payments', { waitUntil: 'commit' });
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  release();
  await (await typeface).finished();
  await page.evaluate(() => document.fonts.ready);
  expect(await shiftsOn(page)).toEqual([]);
});

test('the first paint has the saved theme', async ({ page, context }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await context.addInitScript(() => localStorage.setItem('payloom-theme', 'dark'));
  const release = await holdAssets(page);
  await page.goto('/sign-in', { waitUntil: 'commit' });
  await expect(skeleton(page)).toBeVisible();
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const dark = await ground();
  expect(dark).toBe('rgb(15, 17, 19)');
  release();
  await expect(heading(page, 'Sign in')).toBeVisible();
  expect(await ground()).toBe(dark);
});

test('without JavaScript the page says what is missing', async ({ browser, url }) => {
  const context = await browser.newContext({ baseURL: url, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto('/sign-in');
  // Playwright looks for text in no noscript element.
  const sentence = page.locator('noscript p');
  await expect(sentence).toBeVisible();
  await expect(sentence).toContainText('Payloom needs JavaScript');
  await expect(skeleton(page)).toBeHidden();
  await context.close();
});
