import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { become, becomeNew, openFilters, pay } from './actions.ts';
import { shiftsOn, watchShifts } from './layout-shifts.ts';
import { expect, heading, test } from './spec.ts';

/** Holds back the answers to requests; returns the function that lets them through. */
const hold = async (page: Page, path: string): Promise<() => void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route(path, async (route) => {
    await promise;
    await route.continue();
  });
  return resolve;
};
const payments = (page: Page) => page.getByRole('region', { name: 'Payments' });

for (const width of [320, 1280]) {
  test(`the list takes the place of its skeleton at ${width} px`, async ({ page, context, url }) => {
    await becomeNew(context, url);
    for (const description of ['One', 'Two', 'Three']) await pay(context, url, { description });
    await watchShifts(context);
    await page.setViewportSize({ width, height: 900 });
    const release = await hold(page, '**/api/payments?*');
    await page.goto('/payments?currency=EUR');
    const skeleton = page.getByLabel('Loading payments');
    await expect(skeleton).toBeVisible();
    await expect(page.getByRole('button', { name: 'Remove filter EUR' })).toBeVisible();
    const heightsOf = (selector: string) =>
      payments(page)
        .locator(selector)
        .evaluateAll((nodes) =>
          nodes.slice(0, 3).map((node) => Math.round(node.getBoundingClientRect().top)),
        );
    const before = await heightsOf('[aria-label="Loading payments"] > div');
    release();
    await expect(payments(page).getByRole('link').first()).toBeVisible();
    const after = await heightsOf('tr, li');
    after.forEach((top, index) => expect(Math.abs(top - (before[index] ?? NaN))).toBeLessThanOrEqual(1));
    expect(await shiftsOn(page)).toEqual([]);
  });
}

test('a short list pulls nothing up that was in view', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await watchShifts(context);
  const release = await hold(page, '**/api/payments?*');
  await page.goto('/payments');
  await expect(page.getByLabel('Loading payments')).toBeVisible();
  release();
  await expect(page.getByRole('contentinfo')).toBeVisible();
  expect(await shiftsOn(page)).toEqual([]);
});

test('a notice of new payments lies over the list and moves nothing', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await pay(context, url);
  await watchShifts(context);
  await page.goto('/payments?status=completed');
  const row = page.getByRole('row', { name: /Vera Vendor/ });
  await expect(row).toBeVisible();
  await expect(page.locator('[data-live=connected]')).toHaveCount(1);
  const before = await row.boundingBox();
  await pay(context, url);
  await expect(page.getByRole('button', { name: '1 new payment' })).toBeVisible();
  expect(await row.boundingBox()).toEqual(before);
  expect(await shiftsOn(page)).toEqual([]);
});

test('the pay form waits a moment for the recent vendors, and never long', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await pay(context, url);
  await watchShifts(context);
  const release = await hold(page, '**/api/payees/recent');
  await page.goto('/payments/new');
  await expect(heading(page, 'Pay')).toBeVisible();
  // Without an answer the form comes all the same, and what comes later is left out.
  await expect(page.getByRole('textbox', { name: 'Amount' })).toBeVisible();
  release();
  await expect(page.getByRole('group', { name: 'Recent vendors' })).toHaveCount(0);
  await page.reload();
  await expect(page.getByRole('group', { name: 'Recent vendors' })).toBeVisible();
  expect(await shiftsOn(page)).toEqual([]);
});

test('the days of a custom period move none of the other filters', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  for (const width of [320, 768, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await page.goto('/payments');
    await openFilters(page);
    const places = () =>
      Promise.all(
        ['Direction', 'Currency', 'Amount from', 'Amount to', 'Period'].map((label) =>
          page.getByLabel(label).boundingBox(),
        ),
      );
    const before = await places();
    await page.getByLabel('Period').selectOption('Custom');
    await expect(page.getByLabel('To day')).toBeVisible();
    expect(await places()).toEqual(before);
  }
});

const offlineNote = (page: Page) => page.getByRole('banner').getByText(/^You are offline/);

test('the note of a lost connection covers nothing that has the focus', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await page.setViewportSize({ width: 320, height: 500 });
  await page.goto('/payments/new');
  await expect(page.locator('[data-live=connected]')).toHaveCount(1);
  await page.getByRole('textbox', { name: 'Amount' }).focus();
  await context.setOffline(true);
  await expect(offlineNote(page).first()).toBeInViewport();
  const covered = () =>
    page.evaluate(() => {
      const focused = document.activeElement;
      const { left, right, top, bottom } = focused?.getBoundingClientRect() ?? new DOMRect();
      const seen = document.elementFromPoint((left + right) / 2, Math.max(top, bottom - 4));
      return seen === null || focused?.contains(seen) || seen.contains(focused) ? [] : [focused?.outerHTML];
    });
  for (let step = 0; step < 8; step++) {
    await page.keyboard.press('Tab');
    expect(await covered()).toEqual([]);
  }
});

for (const width of [320, 768, 1280]) {
  test(`losing the connection and having it again moves nothing at ${width} px`, async ({
    page,
    context,
    url,
  }) => {
    await becomeNew(context, url);
    await pay(context, url);
    await watchShifts(context);
    await page.setViewportSize({ width, height: 700 });
    await page.goto('/payments');
    const connected = page.locator('[data-live=connected]');
    await expect(payments(page).getByRole('link').first()).toBeVisible();
    await expect(connected).toHaveCount(1);
    const note = offlineNote(page);
    await context.setOffline(true);
    await expect(note.first()).toBeInViewport();
    await context.setOffline(false);
    await expect(connected).toHaveCount(1);
    await expect(note).toHaveCount(0);
    expect(await shiftsOn(page)).toEqual([]);
  });
}
