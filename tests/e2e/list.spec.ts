import { CUSTOMER } from '../system/accounts.ts';
import { become, becomeNew, pay, SLOW_CARD } from './actions.ts';
import { expect, heading, test, withoutMessages } from './spec.ts';

const rows = /^(?!.*Counterparty)/;

test('filters are in the URL and survive a reload and the back button', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  await page.getByLabel('Status').selectOption('Failed');
  await expect(page).toHaveURL(/status=failed/);
  const declined = page.getByRole('row', { name: /Microphone for the meeting service, second try/ });
  await expect(declined).toBeVisible();
  await expect(page.getByRole('row', { name: /Completed/ })).toHaveCount(0);
  await page.getByLabel('Currency').selectOption('EUR');
  await expect(page.getByRole('row', { name: /Fonts, web licence/ })).toBeVisible();
  await expect(declined).toBeHidden();

  await page.reload();
  await expect(page.getByLabel('Status')).toHaveValue('failed');
  await expect(page.getByLabel('Currency')).toHaveValue('EUR');
  await expect(page.getByRole('row', { name: /Fonts, web licence/ })).toBeVisible();
  await expect(page.getByRole('row', { name: rows })).toHaveCount(1);

  await page.getByRole('link', { name: 'Paper & Ink Books' }).click();
  await expect(heading(page, 'Payment to Paper & Ink Books')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/status=failed&currency=EUR/);
  await expect(page.getByLabel('Status')).toHaveValue('failed');
  await page.goBack();
  await expect(page.getByLabel('Currency')).toHaveValue('');
  await expect(declined).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect(page).toHaveURL('/payments');
  await expect(page.getByRole('row', { name: /Completed/ }).first()).toBeVisible();
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
  await page.getByRole('region', { name: 'Payments' }).getByRole('button', { name: 'Clear filters' }).click();
  await expect(search).toHaveValue('');
  await expect(page.getByRole('row', { name: /Completed/ }).first()).toBeVisible();
});

test('amounts and dates filter the list, and contradictory ones are refused', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, CUSTOMER);
  await page.goto('/payments');
  const least = page.getByLabel('Amount from');
  const most = page.getByLabel('Amount to');
  await least.fill('200');
  await expect(least).toHaveAccessibleDescription(/currency/i);
  await page.getByLabel('Currency').selectOption('EUR');
  await page.getByLabel('Order').selectOption('Largest amount first');
  await most.fill('300');
  await expect(page.getByRole('row', { name: rows })).toHaveCount(1);
  await expect(page.getByRole('row', { name: /€273\.00/ })).toBeVisible();
  await most.fill('100');
  await expect(most).toHaveAccessibleDescription('This is less than the smallest amount.');
  await most.fill('');
  await page.getByLabel('From day').fill('2026-02-02');
  await page.getByLabel('To day').fill('2026-02-01');
  await expect(page.getByLabel('To day')).toHaveAccessibleDescription('This is before the first day.');
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
