import type { Page } from '@playwright/test';
import { becomeNew, DECLINING_CARD, pay, SLOW_CARD } from './actions.ts';
import { expect, overflow, test } from './spec.ts';

const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 98);
/** The test's e-mail addresses begin with the first word. */
const NAME = `V ${LONG}`;

/** Parts of the page that scroll sideways by themselves; only the tabs and a large sum may. */
const scrolling = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('body *')]
      .filter(
        (node) =>
          node.scrollWidth > node.clientWidth + 1 &&
          /auto|scroll/.test(getComputedStyle(node).overflowX) &&
          node.getAttribute('role') !== 'tablist',
      )
      .map((node) => node.outerHTML.slice(0, 120)),
  );

test('a name of 100 characters makes nothing scroll sideways at 320 px', async ({
  page,
  context,
  url,
  another,
}) => {
  const seller = await another();
  const { email } = await becomeNew(seller.context(), url, { name: NAME, role: 'VENDOR' });
  await becomeNew(context, url, { name: NAME.toLowerCase() });
  const done = await pay(context, url, { payee: email, description: LONG });
  const failed = await pay(context, url, { payee: email, card: DECLINING_CARD });
  const slow = await pay(context, url, { payee: email, card: SLOW_CARD });
  for (const one of [page, seller]) await one.setViewportSize({ width: 320, height: 700 });
  const fits = async (one: Page, what: string) => {
    await expect.soft(one.getByRole('heading', { level: 1 }), what).toBeVisible();
    expect.soft([...(await overflow(one)), ...(await scrolling(one))], what).toEqual([]);
  };
  const opened = async (one: Page, path: string, what: string) => {
    await one.goto(path);
    await expect(one.getByText(new RegExp(LONG, 'i')).first()).toBeVisible();
    await fits(one, what);
  };
  await opened(page, '/payments', 'list');
  await opened(page, `/payments?q=${LONG}`, 'search');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await fits(page, 'account');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await page.getByRole('region', { name: 'Notifications' }).getByRole('listitem').first().waitFor();
  await fits(page, 'notifications');
  for (const { id } of [done, failed]) await opened(page, `/payments/${id}`, 'detail');
  await opened(page, `/payments/new?made=${failed.id}`, 'result');
  await opened(page, `/payments/new?again=${failed.id}`, 'form');
  await opened(page, `/payments/${slow.id}`, 'pending');
  await page.getByRole('button', { name: 'Cancel payment' }).click();
  await page.getByRole('dialog').waitFor();
  await fits(page, 'dialog');

  await page.goto('/payments/new');
  const vendor = page.getByRole('combobox', { name: 'Vendor' });
  await vendor.fill(email);
  const option = page.getByRole('option', { name: LONG });
  await option.waitFor();
  await fits(page, 'options');
  await option.click();
  await page.getByRole('textbox', { name: 'Amount' }).fill('900000');
  await page.getByRole('combobox', { name: 'Currency' }).selectOption('INR');
  await page.getByRole('button', { name: 'Review payment' }).click();
  await expect(page.getByRole('heading', { name: 'Is this right?' })).toBeVisible();
  await fits(page, 'review');

  await opened(seller, '/payments', 'list of the vendor');
  await seller.locator('[data-live=connected]').waitFor({ state: 'attached' });
  await pay(context, url, { payee: email });
  await expect(seller.getByText(/paid you/).first()).toBeVisible();
  await fits(seller, 'toast');
});
