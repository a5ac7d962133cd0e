import type { BrowserContext, Page } from '@playwright/test';
import type { Manifest } from '../../shared/client/remote-files.ts';
import { CUSTOMER } from '../system/accounts.ts';
import { become, signIn } from './actions.ts';
import { expect, heading, test } from './spec.ts';

/** The paths of all files of remotes that a page asks for. */
const askedFor = (page: Page): string[] => {
  const paths: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/mfes\/.+\.(?:js|css)$/.test(pathname)) paths.push(pathname);
  });
  return paths;
};
const isFederated = (path: string): boolean => path.includes('/federated/');
const of = (remote: string, paths: readonly string[]) =>
  paths.filter((path) => path.startsWith(`/mfes/${remote}/`));

const saveData = (context: BrowserContext) =>
  context.addInitScript(
    () => void Object.defineProperty(navigator, 'connection', { value: { saveData: true } }),
  );
/** Pages behave as if they were never idle. */
const neverIdle = (context: BrowserContext) =>
  context.addInitScript(() => {
    globalThis.requestIdleCallback = () => 0;
  });

test('remotes share the Svelte of the page, and each of their scripts has its hash', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, CUSTOMER);
  await neverIdle(context);
  const asked = askedFor(page);
  await page.goto('/payments');
  await expect(page.getByRole('row').nth(3)).toBeVisible();
  expect(asked.filter(isFederated)).toEqual([]);
  expect(asked).toEqual(of('payments', asked));
  const checked = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLLinkElement>('link[integrity^="sha384-"]')].map(
      ({ href }) => new URL(href).pathname,
    ),
  );
  expect(asked.filter((path) => !checked.includes(path))).toEqual([]);
});

test.describe('the build of the federation plugin', () => {
  test('takes over in a browser without import maps', async ({ page, context, url }) => {
    await context.addInitScript(() => {
      HTMLScriptElement.supports = () => false;
    });
    await neverIdle(context);
    const asked = askedFor(page);
    await page.goto(`${url}/sign-in`);
    await signIn(page, CUSTOMER);
    await expect(page.getByRole('row').nth(3)).toBeVisible();
    await page.getByRole('link', { name: 'Pay', exact: true }).first().click();
    await expect(heading(page, 'Pay')).toBeVisible();
    expect(asked.filter((path) => path.endsWith('.js') && !isFederated(path))).toEqual([]);
    expect(asked.filter(isFederated).length).toBeGreaterThan(0);
  });

  test('takes over for a version that was built with another Svelte', async ({ page }) => {
    await page.route('**/mfes/manifest.json', async (route) => {
      const manifest = (await (await route.fetch()).json()) as Manifest;
      const native = manifest.remotes['auth']?.native;
      if (native) native.svelte = '5.0.0';
      await route.fulfill({ json: manifest });
    });
    const asked = askedFor(page);
    await page.goto('/sign-in');
    await expect(heading(page, 'Sign in')).toBeVisible();
    expect(of('auth', asked).filter((path) => path.endsWith('.js') && !isFederated(path))).toEqual([]);
  });
});

test.describe('pages that are not opened yet', () => {
  test('are read when a link is pointed at', async ({ page, context, url }) => {
    await become(context, url, CUSTOMER);
    await page.goto('/payments');
    await expect(page.getByRole('row').nth(3)).toBeVisible();
    await page.getByRole('button', { name: /^Account of/ }).click();
    const asked = askedFor(page);
    const profile = page.getByRole('link', { name: 'Devices', exact: true });
    await expect(async () => {
      await page.mouse.move(0, 0);
      await profile.hover();
      expect(of('profile', asked).filter((path) => path.endsWith('.js')).length).toBeGreaterThan(1);
    }).toPass();
    await profile.click();
    await expect(heading(page, 'Devices')).toBeVisible();
  });

  test('are read when the browser is idle, those to which links lead', async ({ page }) => {
    const asked = askedFor(page);
    await page.goto('/sign-in');
    await expect(heading(page, 'Sign in')).toBeVisible();
    // Where a sign-in leads, and the link to the form of new accounts.
    await expect.poll(() => of('payments', asked)).toContainEqual(expect.stringContaining('/ListPage-'));
    await expect.poll(() => of('auth', asked)).toContainEqual(expect.stringContaining('/SignUpPage-'));
    expect(of('admin', asked)).toEqual([]);
  });

  test('are not read where the user saves data', async ({ page, context }) => {
    await saveData(context);
    const asked = askedFor(page);
    await page.goto('/sign-in');
    const link = page.getByRole('link', { name: 'Create an account' });
    await link.hover();
    // All that is loaded when the browser is idle.
    await page.waitForRequest(/\/assets\/prepare-/);
    await link.hover();
    await page.waitForLoadState('networkidle');
    expect(of('payments', asked)).toEqual([]);
    expect(asked.filter((path) => path.includes('SignUpPage'))).toEqual([]);
  });
});
