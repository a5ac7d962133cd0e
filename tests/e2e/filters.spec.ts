import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { become, becomeNew, openFilters, pay } from './actions.ts';
import { expect, heading, tabTo, test } from './spec.ts';

const rows = /^(?!.*Counterparty)/;
const chip = (page: Page, text: string) => page.getByRole('button', { name: `Remove filter ${text}` });

test('filters are in the URL and survive a reload and the back button', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  await page.getByRole('tab', { name: 'Failed' }).click();
  await expect(page).toHaveURL(/status=failed/);
  const declined = page.getByRole('row', { name: /Microphone for the meeting service, second try/ });
  await expect(declined).toBeVisible();
  await expect(page.getByRole('row', { name: /Completed/ })).toHaveCount(0);
  await openFilters(page);
  await page.getByLabel('Currency').selectOption('EUR');
  await expect(page.getByRole('row', { name: /Fonts, web licence/ })).toBeVisible();
  await expect(declined).toBeHidden();

  await page.reload();
  const failed = page.getByRole('tab', { name: 'Failed' });
  await expect(failed).toHaveAttribute('aria-selected', 'true');
  await expect(chip(page, 'EUR')).toBeVisible();
  await expect(page.getByRole('row', { name: /Fonts, web licence/ })).toBeVisible();
  await expect(page.getByRole('row', { name: rows })).toHaveCount(1);

  await page.getByRole('link', { name: 'Paper & Ink Books' }).click();
  await expect(heading(page, 'Payment to Paper & Ink Books')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/status=failed&currency=EUR/);
  await expect(failed).toHaveAttribute('aria-selected', 'true');
  await page.goBack();
  await expect(chip(page, 'EUR')).toHaveCount(0);
  await expect(declined).toBeVisible();
  await page.getByRole('tab', { name: 'All' }).click();
  await expect(page).toHaveURL('/payments');
  await expect(page.getByRole('row', { name: /Completed/ }).first()).toBeVisible();
});

test('the status tabs work by keyboard', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  await tabTo(page, page.getByRole('tab', { name: 'All' }));
  await page.keyboard.press('End');
  await expect(page.getByRole('tab', { name: 'Cancelled', selected: true })).toBeFocused();
  await expect(page.getByRole('heading', { name: 'No payment matches' })).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('tab', { name: 'Failed', selected: true })).toBeFocused();
  await expect(page.getByRole('tabpanel', { name: 'Failed' })).toContainText('Workshop facilitation');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('tab', { name: 'All', selected: true })).toBeFocused();
});

test('a search that was just typed is kept when a tab is chosen', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  await page.getByLabel('Search').fill('Tokyo');
  await page.getByRole('tab', { name: 'Completed' }).click();
  await expect(page).toHaveURL(/status=completed/);
  await expect(page).toHaveURL(/q=Tokyo/);
  await expect(page.getByLabel('Search')).toHaveValue('Tokyo');
});

test('each active filter has a chip that removes it, and all can be cleared', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments?direction=sent&currency=EUR&amountMin=20&amountMax=300&q=two');
  const chips = page.getByRole('list', { name: 'Active filters' }).getByRole('button');
  await expect(chips).toHaveText(['“two”', 'Sent', 'EUR', '€20.00 – €300.00', 'Clear all']);
  await expect(page.getByRole('button', { name: /^Filters\s?, 3 active$/ })).toBeVisible();
  await chip(page, 'Sent').focus();
  await page.keyboard.press('Enter');
  await expect(chip(page, 'EUR')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(chip(page, '“two”')).toBeFocused();
  await expect(page).toHaveURL('/payments?q=two');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Filters' })).toBeFocused();

  await openFilters(page);
  await page.getByLabel('Period').selectOption('Today');
  await expect(chip(page, 'Today')).toBeVisible();
  await page.getByRole('button', { name: 'Clear all' }).first().click();
  await expect(page).toHaveURL('/payments');
  await expect(page.getByLabel('Period')).toHaveValue('');
});

test('the search finds descriptions and counterparties, and refuses text that is too short', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.fill('umbrellas');
  await expect(page).toHaveURL(/q=umbrellas/);
  await expect(page.getByRole('row', { name: rows })).toHaveCount(1);
  await expect(page.getByRole('row', { name: /Umbrellas, ten.*¥11,000/ })).toBeVisible();
  await search.fill('tokyo tea');
  await expect(page.getByRole('row', { name: /Tokyo Tea House/ })).toHaveCount(6);
  await search.fill('zz');
  await expect(search).toHaveAccessibleDescription('Type at least 3 characters to search.');
  await search.fill('zzzz');
  await expect(page.getByRole('heading', { name: 'No payment matches' })).toBeVisible();
  await page.getByRole('region', { name: 'Payments' }).getByRole('button', { name: 'Clear all' }).click();
  await expect(search).toHaveValue('');
  await expect(page.getByRole('row', { name: /Completed/ }).first()).toBeVisible();
});

test('a filter that is not applied says why beside its field and does not count as active', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  await openFilters(page);
  const least = page.getByLabel('Amount from');
  const most = page.getByLabel('Amount to');
  await least.fill('200');
  await expect(least).toHaveAccessibleDescription('Choose a currency first.');
  await expect(page.getByRole('button', { name: 'Filters', exact: true })).toBeVisible();
  await expect(page.getByRole('list', { name: 'Active filters' })).toHaveCount(0);
  await page.getByLabel('Currency').selectOption('EUR');
  await expect(chip(page, 'From €200.00')).toBeVisible();
  await page.getByLabel('Order').selectOption('Largest first');
  await most.fill('300');
  await expect(page.getByRole('row', { name: rows })).toHaveCount(1);
  await expect(page.getByRole('row', { name: /€273\.00/ })).toBeVisible();
  await most.fill('100');
  await expect(most).toHaveAccessibleDescription('This is less than “Amount from”, and not applied.');
  await expect(chip(page, 'From €200.00')).toBeVisible();
  await most.fill('');
  await page.getByLabel('Period').selectOption('Custom');
  await page.getByLabel('From day').fill('2026-02-02');
  await page.getByLabel('To day').fill('2026-02-01');
  await expect(page.getByLabel('To day')).toHaveAccessibleDescription(
    'This is before “From day”, and not applied.',
  );
  await expect(chip(page, 'From 2 Feb 2026')).toBeVisible();
});

test('an order by amount needs a currency, which the page asks for', async ({ page, context, url }) => {
  await becomeNew(context, url);
  await pay(context, url, { amountMinor: 900_00 });
  await pay(context, url, { amountMinor: 12_480, currency: 'JPY' });
  await pay(context, url, { amountMinor: 500 });
  await page.goto('/payments');
  const amounts = page.getByRole('row', { name: rows }).locator('td.amount');
  const newest = ['−€5.00', '−JP¥12,480', '−€900.00'];
  await expect(amounts).toHaveText(newest);
  const order = page.getByLabel('Order');
  await order.selectOption('Largest first');
  await expect(order).toHaveAccessibleDescription(/^Needs a currency\./);
  await expect(amounts).toHaveText(newest);
  await page.getByLabel('Currency').selectOption('EUR');
  await expect(order).not.toHaveAttribute('aria-invalid', 'true');
  await expect(amounts).toHaveText(['−€900.00', '−€5.00']);
  await chip(page, 'EUR').click();
  await expect(order).toHaveValue('-createdAt');
  await expect(amounts).toHaveText(newest);
});

test('at 320 px no tab, choice or amount is cut', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.setViewportSize({ width: 320, height: 800 });
  await page.goto('/payments?direction=sent&currency=EUR');
  const cards = page.getByRole('region', { name: 'Payments' }).getByRole('listitem');
  await expect(cards.first()).toBeVisible();
  for (const tab of await page.getByRole('tab').all()) {
    await expect(tab).toBeInViewport({ ratio: 1 });
    expect(await tab.evaluate((node) => node.scrollWidth - node.clientWidth)).toBe(0);
  }
  // As wide as its longest choice: a select as wide as it likes is no wider.
  const spare = await page.getByLabel('Order').evaluate((select) => {
    const free = select.cloneNode(true) as HTMLElement;
    free.style.width = 'max-content';
    document.body.append(free);
    const { width } = free.getBoundingClientRect();
    free.remove();
    return select.getBoundingClientRect().width - width;
  });
  expect(spare).toBeGreaterThanOrEqual(0);
  const ends = await cards.evaluateAll((nodes) =>
    nodes.map((node) => Math.round(node.querySelector('.amount')?.getBoundingClientRect().right ?? 0)),
  );
  expect(ends.length).toBeGreaterThan(5);
  expect(new Set(ends).size).toBe(1);
});
