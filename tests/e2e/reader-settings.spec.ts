import type { Locator, Page } from '@playwright/test';
import { becomeNew, pay } from './actions.ts';
import { readerProblems, spaceOut } from './reader-audit.ts';
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

test('the audit of every page finds each of its problems where it is planted', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 600 });
  await page.setContent(`
    <style>@keyframes turn { to { opacity: 0.5 } } .button { outline: none !important }</style>
    <header><button style="height: 30px">Small</button></header>
    <main>
      <div style="width: 400px">Wide</div>
      <div style="height: 1.4em; overflow: hidden">Cut in<br />two lines</div>
      <div style="margin-bottom: -1em">Under</div>
      <div>Over</div>
      <div style="animation: turn 1s infinite">Turning</div>
      <button class="button">Without a ring</button>
      <nav><a href="#a" aria-current="page">Chosen</a> <a href="#b">Other</a></nav>
    </main>`);
  const found = (await readerProblems(page)).join('\n');
  const kinds = [/moves:/, /less than 44/, /400|px on 320/, /cut:.*overflow/, /“Under” lies over “Over”/];
  for (const kind of [...kinds, /no ring:.*Without/, /no mark:.*Chosen/]) expect.soft(found).toMatch(kind);
  expect(found).not.toMatch(/no ring:.*Other/);
});
