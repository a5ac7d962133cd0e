import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { ADMIN } from '../system/accounts.ts';
import { apiOf, become, becomeNew } from './actions.ts';
import { expect, heading, test, withoutMessages } from './spec.ts';

/** A new user whom the administrator suspends over HTTP, as another page would do it. */
const suspend = async (admin: Page, url: string, reason: string, another: () => Promise<Page>) => {
  const user = await becomeNew((await another()).context(), url, { name: 'Sue Suspended' });
  await apiOf(admin.context().request, url).post(`/api/admin/users/${user.id}/suspend`, { reason });
  return user;
};
const entries = (page: Page) => page.getByRole('region', { name: /^Entries/ }).getByRole('listitem');

test('an act is found by person and action, with its reason, and what it changed', async ({
  page,
  context,
  another,
  url,
}) => {
  await become(context, url, ADMIN);
  const { email } = await suspend(page, url, 'Chargebacks, ticket 1204', another);
  await page.goto('/admin/audit');
  await page.getByLabel('Person').fill(email);
  await page.getByLabel('Action').selectOption({ label: 'User suspended' });
  await expect(page).toHaveURL(/person=sue.*action=auth.user-suspended/);
  const act = page.getByRole('button', { name: /Alex Admin suspended Sue Suspended/ });
  // The entry is written by an event, a moment after the act.
  await expect(async () => {
    await page.reload();
    await expect(act).toHaveCount(1, { timeout: 1_000 });
  }).toPass();
  await expect(act).toContainText('“Chargebacks, ticket 1204”');
  await act.click();
  const state = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: /^State/ }) });
  await expect(state.getByRole('cell')).toHaveText(['active', 'suspended']);
  const session = page.getByRole('link', { name: /^ses_/ });
  const id = (await session.textContent())?.split(':')[0] ?? '';
  await session.click();
  await expect(page).toHaveURL(`/admin/audit?sessionId=${id}`);
  await expect(page.getByLabel('Session', { exact: true })).toHaveValue(id);
  await expect(act).toHaveCount(1);
});

test('new entries are announced and shown when they are asked for', async ({
  page,
  context,
  another,
  url,
}) => {
  await become(context, url, ADMIN);
  await page.goto('/admin/audit?action=auth.user-suspended');
  await page.locator('[data-live=connected]').waitFor({ state: 'attached' });
  await expect(page.getByRole('status', { name: 'Loading entries' })).toHaveCount(0);
  const before = await entries(page).count();
  const reason = `Announced at ${Date.now()}`;
  await suspend(page, url, reason, another);
  const note = page.getByRole('button', { name: /new entr/ });
  await expect(note).toBeVisible();
  await expect(page.getByText(`“${reason}”`)).toHaveCount(0);
  await note.click();
  await expect(page.getByText(`“${reason}”`)).toBeVisible();
  await expect(note).toHaveCount(0);
  expect(await entries(page).count()).toBeGreaterThanOrEqual(before);
});

test('what the filters find is exported, and a failed export says so', async ({
  page,
  context,
  another,
  url,
}) => {
  await become(context, url, ADMIN);
  const { id } = await suspend(page, url, 'Exported', another);
  await withoutMessages(page);
  await page.goto(`/admin/audit?person=${id}&action=auth.user-suspended`);
  await expect(async () => {
    await page.reload();
    await expect(page.getByText('“Exported”')).toBeVisible({ timeout: 1_000 });
  }).toPass();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Export CSV' }).click();
  const file = await (await download).path();
  const lines = (await readFile(file, 'utf8')).trim().split('\r\n');
  expect((await download).suggestedFilename()).toBe('audit.csv');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('Exported');
  await page.route('**/api/admin/audit.json?*', (route) => route.abort());
  await page.getByRole('button', { name: 'Export JSON' }).click();
  await expect(page.getByRole('alert')).toContainText('The export is not complete');
});

test('pages of the log lead on and back, and its own reading is an entry', async ({ page, context, url }) => {
  await become(context, url, ADMIN);
  await page.goto('/admin/audit');
  await expect(entries(page)).toHaveCount(25);
  const first = await entries(page).first().textContent();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page).toHaveURL(/page=2/);
  await expect(entries(page).first()).not.toHaveText(first ?? '');
  await page.getByRole('button', { name: 'Previous' }).click();
  await expect(page).toHaveURL('/admin/audit');
  await page.goto('/admin/audit?action=admin.administrator-read');
  await expect(heading(page, 'Audit log')).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(entries(page).first()).toContainText('Alex Admin read the audit log', { timeout: 1_000 });
  }).toPass();
});
