import { AxeBuilder } from '@axe-core/playwright';
import type { BrowserContext, Page } from '@playwright/test';
import type { Experience, Sample } from '../../shared/contracts/analytics.ts';
import { ADMIN } from '../system/accounts.ts';
import { apiOf, become, becomeNew, becomeOnDevices } from './actions.ts';
import { shiftsOn, watchShifts } from './layout-shifts.ts';
import { expect, overflow, test } from './spec.ts';

const TITLE = 'May we measure how fast pages are?';
const note = (page: Page) => page.getByRole('region', { name: TITLE });

/** What pages of the context ask for when they measure. */
const watch = async (context: BrowserContext) => {
  const asked: string[] = [];
  context.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (/experience-|api.analytics/.test(pathname)) asked.push(pathname);
  });
  // A request shows no body that is a Blob, and a page that is left answers no question.
  await context.addInitScript(() => {
    window.Blob = class extends Blob {
      constructor([text]: [string], options: BlobPropertyBag) {
        super([text], options);
        sessionStorage.setItem('sent', (sessionStorage.getItem('sent') ?? '') + text + '\n');
      }
    } as typeof Blob;
  });
  return asked;
};

/** Leaves the page, which hides it: the browser takes no event of a script for that. */
const leave = (page: Page) => page.goto('/health/live');

/** All that the tab has sent. */
const sentBy = async (page: Page): Promise<Sample[]> => {
  const text = await page.evaluate(() => sessionStorage.getItem('sent') ?? '');
  const lines = text.split('\n').filter(Boolean);
  return lines.flatMap((line) => (JSON.parse(line) as { samples: Sample[] }).samples);
};
const measured = async (page: Page, asked: readonly string[]): Promise<Sample[]> => {
  const script = () => asked.find((path) => /experience-/.test(path));
  await expect.poll(script).toBeDefined();
  // Until it has run; the network was idle already before it was asked for.
  await page.evaluate(async (path) => void (await import(path)), script() ?? '');
  await page.waitForLoadState('networkidle');
  await leave(page);
  await expect.poll(() => sentBy(page)).not.toEqual([]);
  return sentBy(page);
};
const subjects = (samples: readonly Sample[], kind: Sample['kind']): string[] =>
  samples.filter((one) => one.kind === kind).map(({ of }) => of);

test.use({ asks: true });

test('a visitor is asked calmly, answers by keyboard, and is then measured', async ({
  page,
  context,
  url,
  another,
}) => {
  await watchShifts(context);
  const asked = await watch(context);
  await page.goto('/sign-in');
  await note(page).waitFor();
  expect(asked).toEqual([]);
  expect(await shiftsOn(page)).toEqual([]);
  await expect(page.locator(':focus')).not.toHaveRole('button');
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(violations).toEqual([]);
  await page.setViewportSize({ width: 320, height: 640 });
  expect(await overflow(page)).toEqual([]);

  await note(page).getByRole('button', { name: 'Allow' }).focus();
  await page.keyboard.press('Enter');
  await expect(note(page)).toHaveCount(0);
  await expect(page.locator('#main')).toBeFocused();
  const samples = await measured(page, asked);
  expect(subjects(samples, 'lcp')).toEqual(['/sign-in']);
  expect(subjects(samples, 'ttfb')).toHaveLength(1);
  expect(subjects(samples, 'cls')).toEqual(['/sign-in']);
  expect(subjects(samples, 'view')).toEqual(['/sign-in']);
  expect(subjects(samples, 'remote')).toEqual(['auth']);
  expect(samples.find(({ kind }) => kind === 'remote')?.detail).toMatch(/^[0-9a-f]{12}$/);

  // A browser reports no request of a page that is being left; its figures arrive all the same.
  const admin = (await another()).context();
  await become(admin, url, ADMIN);
  const read = async () => {
    const { pages } = await apiOf(admin.request, url).get<Experience>('/api/admin/experience');
    return pages.find((one) => one.page === '/sign-in')?.lcp.samples;
  };
  await expect.poll(read).toBeGreaterThan(0);
});

test('the question is never the largest paint of a page', async ({ page, context }) => {
  await context.addInitScript(() => {
    const largest: string[] = [];
    Object.assign(window, { largest });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { element: Element | null })[])
        largest.push(entry.element?.closest('.measuring-note') ? 'note' : 'page');
    }).observe({ type: 'largest-contentful-paint', buffered: true });
  });
  await page.goto('/sign-in');
  await note(page).waitFor();
  // Some frames, in which a paint would be reported.
  for (let frame = 0; frame < 5; frame++)
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  const largest = await page.evaluate(() => (window as unknown as { largest: string[] }).largest);
  expect(largest).toContain('page');
  expect(largest).not.toContain('note');
});

for (const [name, script] of [
  ['who declines', `localStorage.setItem('payloom-analytics', 'denied')`],
  ['with Do Not Track', `Object.defineProperty(navigator, 'doNotTrack', { value: '1' })`],
  [
    'with Global Privacy Control',
    `Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })`,
  ],
] as const)
  test(`a user ${name} is neither asked nor measured`, async ({ page, context, url }) => {
    await context.addInitScript(script);
    const asked = await watch(context);
    await becomeNew(context, url);
    await page.goto('/payments');
    await page.locator('[data-live=connected]').waitFor({ state: 'attached' });
    // Loaded when the page is idle; it then knows the preferences.
    await expect
      .poll(() =>
        page.evaluate(() =>
          performance.getEntriesByType('resource').some(({ name: file }) => /Measuring-/.test(file)),
        ),
      )
      .toBe(true);
    await page.waitForLoadState('networkidle');
    await expect(note(page)).toHaveCount(0);
    await leave(page);
    expect(asked).toEqual([]);
  });

test('the answer of a user counts on all devices, and can be taken back', async ({
  page,
  context,
  url,
  another,
}) => {
  await becomeOnDevices(context, url, another);
  await page.goto('/payments');
  await note(page).getByRole('button', { name: 'Allow' }).click();
  await page.goto('/settings/preferences');
  const allowed = page.getByRole('switch', { name: 'Measure pages for me' });
  await expect(allowed).toBeChecked();
  await allowed.uncheck();
  await page.reload();
  await expect(allowed).not.toBeChecked();
  await expect(note(page)).toHaveCount(0);
});

test('calls, pages and errors are measured without ids or text of the page', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors.push(/on purpose/);
  const asked = await watch(context);
  const user = await becomeNew(context, url);
  await context.addInitScript(() => localStorage.setItem('payloom-analytics', 'granted'));
  await page.goto('/payments');
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  await page.getByRole('link', { name: 'Pay', exact: true }).first().click();
  await page.getByRole('heading', { name: 'Pay' }).waitFor();
  await page.evaluate(() =>
    setTimeout(() => {
      throw new Error('on purpose');
    }),
  );
  await page.locator('[data-live=connected]').waitFor({ state: 'attached' });
  const samples = await measured(page, asked);
  expect(subjects(samples, 'view')).toEqual(expect.arrayContaining(['/payments', '/payments/new']));
  expect(subjects(samples, 'call')).toEqual(expect.arrayContaining(['auth.me', 'payments.list']));
  expect(subjects(samples, 'error')).toEqual(['/payments/new']);
  expect(subjects(samples, 'connect')).toEqual(['all']);
  expect(subjects(samples, 'file').length).toBeGreaterThan(5);
  const text = JSON.stringify(samples);
  for (const secret of [user.id, user.email, user.name, 'on purpose', 'usr_', 'ses_'])
    expect(text).not.toContain(secret);
});
