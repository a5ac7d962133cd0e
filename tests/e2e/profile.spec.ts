import type { Page } from '@playwright/test';
import { become, becomeNew } from './actions.ts';
import { expect, heading, test, withoutMessages } from './spec.ts';

const saved = (page: Page) => page.getByRole('status').getByText('Saved.');
const save = (page: Page) => page.getByRole('button', { name: 'Save changes' }).click();

test('personal data is kept, checked beside the fields, and each field can be cleared again', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url, { name: 'Per Sonal' });
  await page.goto('/settings/profile');
  await expect(heading(page, 'Profile')).toBeVisible();
  await page.getByLabel('Telephone').fill('020 7946 0018');
  await page.getByLabel('City').fill('London');
  await page.getByLabel('Country').selectOption('GB');
  await page.getByLabel('About you').fill('First line\nsecond line');
  await save(page);
  await expect(page.getByLabel('Telephone')).toBeFocused();
  await expect(page.getByText('Must start with +')).toBeVisible();
  await page.getByLabel('Telephone').fill('+44 20 7946 0018');
  await save(page);
  await expect(saved(page)).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Telephone')).toHaveValue('+442079460018');
  await expect(page.getByLabel('Country')).toHaveValue('GB');
  await expect(page.getByLabel('About you')).toHaveValue('First line\nsecond line');
  for (const field of ['Telephone', 'City', 'About you']) await page.getByLabel(field).fill('');
  await page.getByLabel('Country').selectOption('');
  await save(page);
  await expect(saved(page)).toBeVisible();
  await page.reload();
  for (const field of ['Telephone', 'City', 'Country', 'About you'])
    await expect(page.getByLabel(field)).toHaveValue('');
});

test('a new name shows in the header of every tab at once', async ({ page, context, url }) => {
  await becomeNew(context, url, { name: 'Old Name' });
  const other = await context.newPage();
  await other.goto('/payments');
  await other.locator('[data-live=connected]').waitFor({ state: 'attached' });
  await page.goto('/settings/profile');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('New Name');
  await save(page);
  await expect(saved(page)).toBeVisible();
  for (const one of [page, other])
    await expect(one.getByRole('button', { name: 'Account of New Name' })).toBeVisible();
});

test('what another device has saved meanwhile is neither overwritten nor lost', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url, { name: 'Two Devices' });
  // Without messages a page does not learn of the other's change before it saves.
  await withoutMessages(page);
  await page.goto('/settings/profile');
  await page.getByLabel('City').fill('Leeds');
  const elsewhere = await another();
  await become(elsewhere.context(), url, email);
  await elsewhere.goto('/settings/profile');
  await elsewhere.getByLabel('Postal code').fill('W1 1AA');
  await save(elsewhere);
  await expect(saved(elsewhere)).toBeVisible();
  await save(page);
  await expect(page.getByRole('alert')).toContainText('changed elsewhere');
  await expect(page.getByLabel('Postal code')).toHaveValue('W1 1AA');
  await expect(page.getByLabel('City')).toHaveValue('Leeds');
  await save(page);
  await expect(saved(page)).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('Postal code')).toHaveValue('W1 1AA');
  await expect(page.getByLabel('City')).toHaveValue('Leeds');
});
