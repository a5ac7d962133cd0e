import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { become, openFilters } from './actions.ts';
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
  await page.getByLabel('Order').selectOption('Largest amount first');
  await most.fill('300');
  await expect(page.getByRole('row', { name: rows })).toHaveCount(1);
  await expect(page.getByRole('row', { name: /€273\.00/ })).toBeVisible();
  await most.fill('100');
  await expect(most).toHaveAccessibleDescription('This is less than the smallest amount.');
  await expect(chip(page, 'From €200.00')).toBeVisible();
  await most.fill('');
  await page.getByLabel('Period').selectOption('Custom');
  await page.getByLabel('From day').fill('2026-02-02');
  await page.getByLabel('To day').fill('2026-02-01');
  await expect(page.getByLabel('To day')).toHaveAccessibleDescription('This is before the first day.');
  await expect(chip(page, 'From 2 Feb 2026')).toBeVisible();
});
