import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { CUSTOMER, PASSWORD } from '../system/accounts.ts';
import { become } from './actions.ts';
import { expect, heading, tabTo, test } from './spec.ts';

const run = promisify(execFile);

/** What commands print, run one after the other as a reader would who copies them. */
const printed = async (commands: readonly string[]): Promise<string> =>
  (await run('bash', ['-euo', 'pipefail', '-c', commands.join('\n')])).stdout;

const commandsIn = (page: Page, section: string): Promise<string[]> =>
  page.locator(`#${section} pre`).allTextContents();

test('the commands of the introduction sign in and pay, and pay once', async ({ page }) => {
  await page.goto('/api/docs');
  const commands = await commandsIn(page, 'get-a-token');
  expect(commands[0]).toContain(`\n${PASSWORD}\n`);
  const pay = await commandsIn(page, 'make-a-payment');
  const output = await printed([...commands, ...pay.flatMap((one) => ['echo', one, 'echo', one])]);
  expect(output).toContain(`"email":"${CUSTOMER}"`);
  const ids = [...output.matchAll(/^\{"id":"(pay_\w+)","status":"\w+","amountMinor":1250/gm)].map(
    ([, id]) => id,
  );
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
  expect(output).toContain(`{"items":[{"id":"${ids[0]}"`);
});

test('the commands that sign in take a password with quotes and backslashes', async ({ page }) => {
  await page.goto('/api/docs');
  const account = { email: 'quotes@example.com', password: `It's 1 "$HOME" \\ \`x\``, name: 'Q' };
  const { origin } = new URL(page.url());
  const registered = await page.request.post('/api/auth/register', { data: account, headers: { origin } });
  expect(registered.status()).toBe(201);
  const commands = (await commandsIn(page, 'get-a-token')).map((one) =>
    one.replace(CUSTOMER, account.email).replace(PASSWORD, () => account.password),
  );
  expect(await printed(commands)).toContain(`"email":"${account.email}"`);
});

test('the command of every read is one that the API takes', async ({ page }) => {
  await page.goto('/api/docs');
  const token = (await commandsIn(page, 'get-a-token')).slice(0, 2);
  const samples = page.locator('.operation', { has: page.locator('.route .get') });
  const reads = await samples.locator('.samples figure:first-child pre').allTextContents();
  expect(reads.length).toBeGreaterThan(8);
  const asked = reads.map((one) => `${one} -o /dev/null -w '%{http_code} '`);
  const statuses = (await printed([...token, ...asked])).trim().split(/\s+/).slice(1);
  expect(statuses).toHaveLength(reads.length);
  // Lists of administrators are not for the customer, and there is no payment with the id of the example.
  expect(statuses.filter((status) => !['200', '403', '404'].includes(status))).toEqual([]);
  expect(statuses.filter((status) => status === '200').length).toBeGreaterThan(5);
});

test('operations are found by words, and links lead to what was filtered out', async ({ page }) => {
  await page.goto('/api/docs');
  const operations = page.getByRole('article').filter({ has: page.locator('.route') });
  const all = await operations.count();
  await page.keyboard.press('/');
  await page.keyboard.type('payment cancel');
  await expect(page.getByRole('status')).toHaveText(`1 of ${all} operations`);
  await expect(operations.filter({ visible: true })).toHaveCount(1);
  await expect(page.getByRole('heading', { name: 'Webhooks' }).filter({ visible: true })).toHaveCount(0);
  await page.reload();
  await expect(page.getByLabel('Find operations')).toHaveValue('payment cancel');
  await expect(operations.filter({ visible: true })).toHaveCount(1);
  await operations.filter({ visible: true }).getByRole('link', { name: 'Payment', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Payment', exact: true })).toBeInViewport();
  await expect(operations.filter({ visible: true })).toHaveCount(all);
  await page.goto('/api/docs#payments.list');
  await expect(page.locator('[id="payments.list"] h3')).toBeInViewport();
  const find = page.getByLabel('Find operations');
  const clear = page.getByRole('button', { name: 'Clear' });
  await expect(clear).toHaveCount(0);
  await find.fill('nothing like this');
  await expect(page.getByRole('status')).toHaveText('No operations match');
  await clear.click();
  await expect(find).toBeFocused();
  await expect(find).toHaveValue('');
  await expect(operations.filter({ visible: true })).toHaveCount(all);
});

test('messages of sockets and events are found by words, and lead to their schemas', async ({ page }) => {
  await page.goto('/api/docs');
  await page.getByRole('link', { name: 'Events', exact: true }).click();
  await expect(heading(page, 'Events and sockets')).toBeVisible();
  await page.getByLabel('Find messages').fill('payments.created');
  await expect(page.getByRole('status')).toHaveText(/^1 of \d+ messages$/);
  const message = page.getByRole('article').filter({ visible: true });
  await expect(message).toContainText('The service realtime subscribes');
  await message.getByRole('link', { name: 'PaymentId' }).first().click();
  await expect(page.getByRole('heading', { name: 'PaymentId' })).toBeInViewport();
  const asyncApi = page.getByRole('link', { name: 'AsyncAPI' });
  expect((await page.request.get((await asyncApi.getAttribute('href')) ?? '')).status()).toBe(200);
});

test('by keyboard from the account menu, in the theme that was chosen', async ({ page, context, url }) => {
  await become(context, url, CUSTOMER);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.addInitScript(() => localStorage.setItem('payloom-theme', 'dark'));
  await page.goto('/payments');
  await expect(heading(page, 'Payments')).toBeVisible();
  await tabTo(page, page.getByRole('button', { name: /^Account of/ }));
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByRole('link', { name: 'API reference' }).first());
  await page.keyboard.press('Enter');
  await expect(heading(page, 'Payloom API')).toBeVisible();
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(15, 17, 19)');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
});
