import { ADMIN } from '../system/accounts.ts';
import { become } from './actions.ts';
import { withLetters } from './letters.ts';
import { expect, heading, test } from './spec.ts';

test('every service is shown with what it says of itself, and new figures without asking', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, ADMIN);
  await page.goto('/admin/system');
  await expect(page.getByText('Nothing is wrong')).toBeVisible();
  const services = page.getByRole('list', { name: 'Services' });
  for (const name of [
    'admin',
    'analytics',
    'auth',
    'gateway',
    'payments',
    'processor-sandbox',
    'profile',
    'realtime',
  ])
    await expect(
      services.getByRole('article', { name, exact: true }).getByText('Answers', { exact: true }),
    ).toBeVisible();
  await expect(services.getByText(/answers in [\d.]+ ms/).first()).toBeVisible();
  // The next figures come by the socket, with the next sample at the latest.
  await expect(page.locator('[data-live=connected]')).toHaveCount(1);
  const read = await context.request.get(`${url}/api/admin/system`);
  const { at, processes } = (await read.json()) as { at: string; processes: { state: string }[] };
  // The process that made the demo data has ended on purpose.
  expect(processes.map(({ state }) => state)).toEqual(['up']);
  const answer = await page.waitForResponse('**/api/admin/system', { timeout: 15_000 });
  expect(Date.parse(((await answer.json()) as { at: string }).at)).toBeGreaterThan(Date.parse(at));
});

test('a system that cannot be read says so, keeps the last figures, and comes back', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, ADMIN);
  await page.route('**/api/admin/system', (route) => route.abort());
  await page.goto('/admin/system');
  await expect(page.getByRole('alert')).toContainText('The system could not be shown');
  await page.unrouteAll();
  // Not `click`: the page also tries by itself, which takes the button away while `click` waits.
  await page.getByRole('button', { name: 'Try again' }).dispatchEvent('click');
  await expect(page.getByText('Nothing is wrong')).toBeVisible();
  await page.route('**/api/admin/system', (route) => route.abort());
  await expect(page.getByText('These figures are no longer up to date')).toBeVisible({ timeout: 15_000 });
  await expect(page.getByRole('list', { name: 'Services' })).toBeVisible();
});

test('dead letters are replayed after a preview and with a reason, and looked at one by one', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, ADMIN);
  await page.goto('/admin/dead-letters');
  await expect(page.getByRole('heading', { name: 'No dead letters' })).toBeVisible();
  await withLetters(page);
  await page.goto('/admin/dead-letters?service=realtime&q=payments');
  await expect(page.getByLabel('Service')).toHaveValue('realtime');
  await expect(page.getByText('The dead letters of payments are unknown.')).toBeVisible();
  await page
    .getByRole('checkbox', { name: /^Select payments\.completed/ })
    .first()
    .check();
  await page.getByRole('button', { name: /^Replay…/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Replay 1 dead letter?' });
  await expect(dialog.getByRole('list', { name: 'What it is about' })).toContainText('payments.completed');
  await dialog.getByRole('button', { name: 'Replay 1' }).click();
  await expect(dialog.getByText('Fill this in.')).toBeVisible();
  await dialog.getByLabel('Reason').fill('The column is there again');
  await dialog.getByRole('button', { name: 'Replay 1' }).click();
  await expect(page.getByRole('dialog').getByRole('status')).toContainText('Replaying:');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByRole('checkbox', { checked: true })).toHaveCount(0);

  await page.getByRole('link', { name: 'payments.completed' }).first().click();
  await expect(heading(page, 'Dead letter')).toBeVisible();
  await expect(page.getByText('"refreshToken": "[removed]"')).toBeVisible();
});

test('a dead letter that is gone says so', async ({ page, context, url }) => {
  await become(context, url, ADMIN);
  await page.goto('/admin/dead-letters/admin%3Aevt_none');
  await expect(heading(page, 'Dead letter')).toBeVisible();
  await expect(page.getByText('There is no such dead letter')).toBeVisible();
  await page.getByRole('link', { name: 'All dead letters' }).click();
  await expect(heading(page, 'Dead letters')).toBeVisible();
});
