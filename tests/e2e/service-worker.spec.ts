import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { become } from './actions.ts';
import { startFront, type Front } from './front.ts';
import { expect, heading, overflow, test as base } from './spec.ts';
import { askForUpdate, buildOf, deployNext, storedPaths, whenStored } from './worker.ts';

const test = base.extend<{ front: Front }>({
  front: async ({}, use) => {
    const front = await startFront(process.env['E2E_URL'] ?? '');
    await use(front);
    await front.stop();
  },
  url: async ({ front }, use) => {
    await use(front.url);
  },
});
test.use({ serviceWorkers: 'allow' });

const SCRIPT = /\.(?:js|css|woff2)$/;
const scripts = ({ asked }: Front): string[] =>
  asked.filter((path) => SCRIPT.test(path) && !/^\/sw\.js$/.test(path));

/** Follows a link of the page's own, without a load. */
const openLink = (page: Page, path: string): Promise<void> =>
  page.evaluate((href) => {
    const link = document.createElement('a');
    link.href = href;
    document.body.append(link);
    link.click();
  }, path);

test('the second visit asks for no script, and what is stored is public', async ({
  page,
  context,
  front,
}) => {
  await become(context, front.url, CUSTOMER);
  await page.goto('/payments');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await whenStored(page, 'payments');
  // Pages beside the first one are loaded when they are idle.
  await page.waitForLoadState('networkidle');
  front.asked.length = 0;
  await page.goto('/payments');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(scripts(front)).toEqual([]);
  expect(front.asked).toContain('/api/payments');

  for (const caching of ['no-store', 'private, max-age=60', 'public, max-age=60']) {
    front.answers.set(`/assets/some-${caching.slice(0, 2)}345678.js`, { caching, body: '' });
    await page.evaluate((path) => fetch(path), `/assets/some-${caching.slice(0, 2)}345678.js`);
  }
  await expect.poll(() => storedPaths(page)).toContain('/assets/some-pu345678.js');
  const stored = await storedPaths(page);
  expect(stored).not.toContain('/assets/some-no345678.js');
  expect(stored).not.toContain('/assets/some-pr345678.js');
  expect(stored.filter((path) => !/^\/(?:$|assets\/|mfes\/)/.test(path))).toEqual([]);
});

test('without a network any page starts, and a remote that was opened is shown', async ({
  page,
  context,
  front,
}) => {
  await page.goto('/sign-in');
  await whenStored(page, 'auth');
  const build = await buildOf(page);
  await context.setOffline(true);
  for (const path of ['/sign-in', '/payments/pay_1']) {
    await page.goto(path);
    await expect(page.getByRole('banner').getByRole('link', { name: /Payloom/ })).toBeVisible();
    expect(await buildOf(page)).toBe(build);
  }
  // The API has a page of its own, which the shell must not replace.
  await expect(page.goto('/api/docs')).rejects.toThrow(/ERR_INTERNET_DISCONNECTED|ERR_FAILED/);
  await context.setOffline(false);
  front.cut = /^\/(?!api|ws|sw\.js)/;
  await page.goto('/sign-in');
  await expect(heading(page, 'Sign in')).toBeVisible();
});

test('a new version is announced, and each tab keeps its own until it is loaded again', async ({
  page,
  context,
  front,
}) => {
  await become(context, front.url, CUSTOMER);
  await page.goto('/payments/new');
  await whenStored(page, 'payments');
  const build = await buildOf(page);
  const next = await deployNext(front, 'profile');
  await askForUpdate(page);
  const notice = page.getByRole('region', { name: 'A new version is ready' });
  await expect(notice).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect((await new AxeBuilder({ page }).include('.update-note').analyze()).violations).toEqual([]);
  }
  await page.setViewportSize({ width: 320, height: 700 });
  expect(await overflow(page)).toEqual([]);

  const second = await context.newPage();
  await second.goto('/payments');
  await expect(heading(second, 'Payments')).toBeVisible();
  expect([await buildOf(second), await buildOf(page)]).toEqual([next, build]);

  await page.getByLabel('Description').fill('Paper');
  await notice.getByRole('button', { name: 'Reload' }).click();
  const question = page.getByRole('dialog', { name: 'Leave this page?' });
  await question.getByRole('button', { name: 'Stay' }).click();
  await expect(page.getByLabel('Description')).toHaveValue('Paper');
  // The list of the new version names no file of this remote that is there.
  await openLink(page, '/settings/devices');
  await question.getByRole('button', { name: 'Leave' }).click();
  await expect(heading(page, 'Devices')).toBeVisible();

  await openLink(page, '/payments');
  await expect(heading(page, 'Payments')).toBeVisible();
  await notice.getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => buildOf(page).catch(() => '')).toBe(next);
  await expect(notice).toHaveCount(0);
  expect(await buildOf(second)).toBe(next);
});

test('a worker that does not install leaves the site as it was', async ({ page, front }) => {
  const worker = await (await fetch(`${front.url}/sw.js`)).text();
  const [broken = ''] = /\/assets\/ConfirmDialog[^"]*\.js/.exec(worker) ?? [];
  front.answers.set(broken, { status: 500, body: 'broken' });
  await page.goto('/sign-in');
  await expect.poll(() => front.asked, { timeout: 15_000 }).toContain(broken);
  const state = () =>
    page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return registration?.active?.state ?? null;
    });
  await expect.poll(state).toBe(null);
  await page.reload();
  await expect(heading(page, 'Sign in')).toBeVisible();
  front.answers.clear();
  await page.reload();
  await expect.poll(state, { timeout: 15_000 }).toBe('activated');
});

test('the kill switch ends the worker, empties what it stored, and the tab goes on', async ({
  page,
  front,
}) => {
  await page.goto('/sign-in');
  await whenStored(page, 'auth');
  const body = await (await fetch(`${front.url}/sw-off.js`)).text();
  front.answers.set('/sw.js', { body });
  await askForUpdate(page);
  const left = () =>
    page.evaluate(async () => {
      const registrations = await navigator.serviceWorker.getRegistrations();
      return [registrations.length, ...(await caches.keys())];
    });
  await expect.poll(left).toEqual([0]);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(heading(page, 'Create an account')).toBeVisible();
  await page.reload();
  await expect(heading(page, 'Create an account')).toBeVisible();
  await expect.poll(left).toEqual([0]);
});
