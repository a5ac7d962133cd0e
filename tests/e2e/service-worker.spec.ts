import { CUSTOMER } from '../system/accounts.ts';
import { become } from './actions.ts';
import { startFront, type Front } from './front.ts';
import { expect, heading, test as base } from './spec.ts';
import { askForUpdate, buildOf, storedPaths, whenStored } from './worker.ts';

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
