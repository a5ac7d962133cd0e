import type { Response } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { become, becomeNew, DECLINING_CARD, pay, SLOW_CARD } from './actions.ts';
import { expect, heading, test, withoutMessages } from './spec.ts';

const rows = /^(?!.*Counterparty)/;

test('a list that does not show new payments says that there are some, and shows them on request', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await pay(context, url, { description: 'The first' });
  const listed = page.getByRole('row', { name: rows });
  const offer = (text: string) => page.getByRole('button', { name: text, exact: true });
  await page.goto('/payments?status=completed&currency=EUR');
  await expect(listed).toHaveCount(1);
  await expect(page.locator('[data-live=connected]')).toHaveCount(1);

  await pay(context, url, { description: 'In yen', currency: 'JPY' });
  await pay(context, url, { description: 'Declined', card: DECLINING_CARD });
  await pay(context, url, { description: 'The second' });
  await expect(offer('1 new payment')).toBeVisible();
  await pay(context, url, { description: 'The third' });
  await expect(offer('2 new payments')).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '2 new payments' })).toHaveCount(1);
  await expect(listed).toHaveCount(1);
  await offer('2 new payments').click();
  await expect(listed).toHaveCount(3);
  await expect(offer('2 new payments')).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Payments' })).toBeFocused();

  await page.getByLabel('Order').selectOption('Smallest first');
  await expect(page).toHaveURL(/sort=amount/);
  await expect(listed).toHaveCount(3);
  await pay(context, url, { description: 'The largest', amountMinor: 99_900 });
  await offer('1 new payment').click();
  await expect(listed.first()).toContainText('The largest');
  await page.goto('/payments?q=the+t');
  await expect(listed).toHaveCount(1);
  await pay(context, url, { description: 'Another' });
  await expect(offer('New payments')).toBeVisible();
});

test('the way back to the list leads to the same place and row', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.setViewportSize({ width: 1280, height: 600 });
  await page.goto('/payments?status=completed');
  const pages = page.getByRole('navigation', { name: 'Pages' });
  const link = page.getByRole('row', { name: /Audit|audit, first half/ }).getByRole('link');
  await expect(link).toBeVisible();
  await link.scrollIntoViewIfNeeded();
  const place = () => page.evaluate(() => Math.round(scrollY));
  await expect.poll(place).toBeGreaterThan(100);
  for (const back of ['link', 'button'] as const) {
    const before = await place();
    await link.click();
    await expect(page.getByRole('heading', { name: 'Timeline' })).toBeVisible();
    if (back === 'button') await page.goBack();
    else await page.getByRole('link', { name: 'All payments' }).click();
    await expect(link).toBeFocused();
    await expect(page).toHaveURL('/payments?status=completed');
    await expect.poll(place).toBe(before);
  }
  await pages.getByRole('button', { name: 'Next' }).click();
  const oldest = page.getByRole('row', { name: /Annual hosting plan/ });
  await oldest.getByRole('link').click();
  await page.getByRole('link', { name: 'All payments' }).click();
  await expect(oldest.getByRole('link')).toBeFocused();
  await expect(page.getByText('Page 2', { exact: true })).toBeVisible();
});

test('the next page begins at its top, for the eyes and for the keyboard', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto('/payments?status=completed');
  const next = page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Next' });
  await next.click();
  const region = page.getByRole('region', { name: 'Payments, page 2' });
  await expect(region).toBeFocused();
  await expect(region.getByRole('listitem').first()).toBeInViewport();
  await page.keyboard.press('Tab');
  await expect(region.getByRole('link').first()).toBeFocused();
});

test('money that has not moved does not look like money', async ({ context, url, another }) => {
  const seller = await another();
  const { email } = await becomeNew(seller.context(), url, { name: 'Vic Vendor', role: 'VENDOR' });
  await becomeNew(context, url);
  await pay(context, url, { payee: email, amountMinor: 1_100, card: DECLINING_CARD });
  await pay(context, url, { payee: email, amountMinor: 2_200, card: SLOW_CARD });
  await pay(context, url, { payee: email, amountMinor: 3_300 });
  await seller.goto('/payments');
  const amount = (text: string) => seller.getByRole('row').getByText(text, { exact: true }).locator('..');
  const colour = (text: string) => amount(text).evaluate((node) => getComputedStyle(node).color);
  await expect(seller.getByRole('row', { name: /Completed/ })).toHaveCount(1);
  await expect(amount('€11.00')).toHaveCSS('text-decoration-line', 'line-through');
  await expect(amount('+€22.00').locator('svg')).toHaveCount(1);
  await expect(amount('+€33.00').locator('svg')).toHaveCount(0);
  expect(await colour('€11.00')).toBe(await colour('+€22.00'));
  expect(await colour('+€33.00')).not.toBe(await colour('+€22.00'));
});

test('an empty list says how to pay, and to a vendor how to be paid', async ({
  page,
  context,
  url,
  another,
}) => {
  await becomeNew(context, url);
  await page.goto('/payments');
  const region = page.getByRole('region', { name: 'Payments' });
  await expect(region).toContainText('Pay a vendor by name or e-mail address');
  await region.getByRole('link', { name: 'Pay', exact: true }).click();
  await expect(heading(page, /^Pay$/)).toBeVisible();

  const seller = await another();
  await seller.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const { email } = await becomeNew(seller.context(), url, { name: 'Vic Vendor', role: 'VENDOR' });
  await seller.goto('/payments');
  await expect(seller.getByText('Customers pay you by your e-mail address.')).toBeVisible();
  await expect(seller.getByRole('region', { name: 'Payments' })).toContainText(email);
  await seller.getByRole('button', { name: 'Copy your e-mail address' }).click();
  await expect(seller.getByText('Copied')).toBeAttached();
  expect(await seller.evaluate(() => navigator.clipboard.readText())).toBe(email);
});

test('paging works in both directions, and the page is in the URL', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments?status=completed');
  const pages = page.getByRole('navigation', { name: 'Pages' });
  const next = pages.getByRole('button', { name: 'Next' });
  const previous = pages.getByRole('button', { name: 'Previous' });
  await expect(page.getByRole('row', { name: rows })).toHaveCount(25);
  const first = await page.getByRole('row', { name: rows }).first().innerText();
  await expect(previous).toBeDisabled();
  await next.click();
  await expect(page.getByText('Page 2', { exact: true })).toBeVisible();
  await expect(page.getByRole('row', { name: /Annual hosting plan/ })).toBeVisible();
  await expect(next).toBeDisabled();
  await page.reload();
  await expect(page.getByRole('row', { name: /Annual hosting plan/ })).toBeVisible();
  await previous.click();
  await expect(page.getByText('Page 1', { exact: true })).toBeVisible();
  await expect(page.getByRole('row', { name: rows })).toHaveCount(25);
  expect(await page.getByRole('row', { name: rows }).first().innerText()).toBe(first);
});

test('a list that fails to load shows the request id and can be retried', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await pay(context, url, { description: 'Still in the list' });
  await withoutMessages(page);
  const problem = {
    type: 'about:blank',
    title: 'internal',
    status: 500,
    detail: 'Something went wrong on our side.',
    code: 'internal',
    requestId: 'req-of-this-test',
  };
  await page.route('**/api/payments?*', (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  );
  await page.goto('/payments');
  const card = page.getByRole('alert');
  await expect(card).toContainText('The payments could not be shown');
  await expect(card).toContainText('req-of-this-test');

  await page.unroute('**/api/payments?*');
  await page.route('**/api/payments?*', (route) => route.abort());
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(card).toContainText('Payloom could not be reached');

  await page.unroute('**/api/payments?*');
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('row', { name: /Still in the list/ })).toBeVisible();
  await expect(card).toBeHidden();
});

test('an invalid cursor leads to the first page', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments?status=completed&cursor=made-up&page=7');
  await expect(page.getByRole('row', { name: rows })).toHaveCount(25);
  await expect(page).toHaveURL('/payments?status=completed');
});

test('a payment that ends updates the open list', async ({ page, context, url }) => {
  await becomeNew(context, url);
  const { id } = await pay(context, url, { card: SLOW_CARD });
  await page.goto('/payments');
  await expect(page.getByRole('row', { name: /Pending/ })).toBeVisible();
  const elsewhere = await context.newPage();
  await elsewhere.goto(`/payments/${id}`);
  await elsewhere.getByRole('button', { name: 'Cancel payment' }).click();
  await elsewhere.getByRole('dialog').getByRole('button', { name: 'Cancel payment' }).click();
  await page.bringToFront();
  await expect(page.getByRole('row', { name: /Cancelled/ })).toBeVisible();
});

test('the list loads no schemas, which would be a third of its script', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  // An idle browser reads the files of other pages.
  await page.addInitScript(() => {
    globalThis.requestIdleCallback = () => 0;
  });
  const scripts: Response[] = [];
  page.on('response', (answer) => {
    if (/\.js(\?|$)/.test(answer.url())) scripts.push(answer);
  });
  await page.goto('/payments');
  await expect(page.getByRole('row', { name: rows })).toHaveCount(25);
  await page.waitForLoadState('networkidle');
  const loaded = await Promise.all(scripts.map((answer) => answer.text()));
  expect(loaded.length).toBeGreaterThan(3);
  expect(loaded.filter((script) => script.includes('_zod'))).toEqual([]);
});

test('the page of a payment belongs to the payments, in the menu too', async ({ page, context, url }) => {
  await becomeNew(context, url);
  const { id } = await pay(context, url);
  await page.goto(`/payments/${id}`);
  await expect(heading(page, 'Payment to Vera Vendor')).toBeVisible();
  const menu = page.getByRole('navigation', { name: 'Main' });
  await expect(menu.getByRole('link', { name: 'Payments' })).toHaveAttribute('aria-current', 'true');
  await expect(menu.getByRole('link', { name: 'Pay', exact: true })).not.toHaveAttribute('aria-current');
});
