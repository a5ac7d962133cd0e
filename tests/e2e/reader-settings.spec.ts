import type { Locator, Page } from '@playwright/test';
import { becomeNew, pay } from './actions.ts';
import { expect, heading, overflow, test } from './spec.ts';

const backgroundOf = (target: Locator, pseudo?: string): Promise<string> =>
  target.evaluate((node, which) => getComputedStyle(node, which).backgroundColor, pseudo);

/** The background that lies behind the page. */
const canvasOf = (page: Page): Promise<string> => backgroundOf(page.locator('body'));

test('forced colours show what is on, and where one is', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('/settings/preferences');
  const settings = page.getByRole('navigation', { name: 'Settings' });
  const current = settings.getByRole('link', { name: 'Preferences' });
  expect(await backgroundOf(current, '::after')).not.toBe(await canvasOf(page));
  const borders = await settings
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => getComputedStyle(link).borderBottomWidth));
  expect([...new Set(borders)]).toEqual(['0px']);
  const control = page.getByRole('switch', { name: 'New sign-ins' });
  const track = page.locator('label', { has: control }).locator('.track');
  const looks = async (): Promise<string[]> => [
    await backgroundOf(track),
    await backgroundOf(track.locator('.thumb')),
  ];
  await expect(control).toBeChecked();
  const on = await looks();
  expect(on[0]).not.toBe(on[1]);
  await control.uncheck();
  // The colours change within a moment.
  await expect.poll(() => backgroundOf(track)).not.toBe(on[0]);
  const off = await looks();
  expect(off[0]).not.toBe(off[1]);
  await page.goto('/payments');
  const place = page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Payments' });
  await expect(heading(page, 'Payments')).toBeVisible();
  expect(await backgroundOf(place, '::after')).not.toBe(await canvasOf(page));
  // Without this, text on the highlight would get a ground of its own, in its own colour.
  const button = page.getByRole('main').getByRole('link', { name: 'Pay', exact: true }).first();
  expect(await button.evaluate((node) => getComputedStyle(node).forcedColorAdjust)).toBe('none');
  expect(await backgroundOf(button)).toBe(on[0]);
});

test('a payment is printed dark on white, in a dark theme too, without buttons', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  const { id } = await pay(context, url, { description: 'Posters' });
  await page.goto(`/payments/${id}`);
  await expect(page.getByText('Posters')).toBeVisible();
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('radio', { name: 'Dark' }).check();
  const title = heading(page, /^Payment to/);
  const inkOf = () => title.evaluate((node) => getComputedStyle(node).color);
  await expect.poll(inkOf).toBe('rgb(238, 240, 241)');
  await page.emulateMedia({ media: 'print' });
  await expect.poll(inkOf).toBe('rgb(22, 25, 28)');
  await expect(page.getByRole('navigation', { name: 'Main' })).toBeHidden();
  await expect(page.getByRole('contentinfo')).toBeHidden();
  await expect(page.getByText('Posters')).toBeVisible();
});

/** The spacing that a reader may set without losing anything (WCAG 2.2, 1.4.12). */
const spaceOut = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }',
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });

test('wider spacing of text makes nothing scroll sideways at 320 px', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await pay(context, url);
  await page.setViewportSize({ width: 320, height: 800 });
  for (const [path, title] of [
    ['/payments', 'Payments'],
    ['/payments/new', /^Pay$/],
    ['/settings/preferences', 'Preferences'],
    ['/settings/devices', 'Devices'],
    ['/settings/password', 'Change password'],
  ] as const) {
    await page.goto(path);
    await expect(heading(page, title)).toBeVisible();
    await spaceOut(page);
    expect.soft(await overflow(page), path).toEqual([]);
  }
});
