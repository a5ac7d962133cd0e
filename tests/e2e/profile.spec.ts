import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import sharp from 'sharp';
import { PASSWORD } from '../system/accounts.ts';
import { become, becomeNew, pay } from './actions.ts';
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

/** A PNG of one colour, larger than the square that is kept of it. */
const png = (background: string) =>
  sharp({ create: { width: 400, height: 300, channels: 3, background } })
    .png()
    .toBuffer();
const inHeader = (page: Page) => page.getByRole('banner').locator('img');

test('an image is chosen, dropped, refused beside its field, and removed; every tab follows', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url, { name: 'Ava Tar' });
  const other = await context.newPage();
  await other.goto('/payments');
  await other.locator('[data-live=connected]').waitFor({ state: 'attached' });
  await page.goto('/settings/profile');
  const image = page.getByRole('region', { name: 'Image' });
  const chooser = image.getByLabel('Image file');
  await expect(inHeader(page)).toHaveCount(0);

  await chooser.setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer: await png('red') });
  await expect(page.getByText('Your image is saved.')).toBeVisible();
  for (const one of [page, other]) await expect(inHeader(one)).toHaveJSProperty('naturalWidth', 256);
  const first = await inHeader(page).getAttribute('src');

  const bytes = [...(await png('blue'))];
  const data = await page.evaluateHandle((content) => {
    const dropped = new DataTransfer();
    dropped.items.add(new File([new Uint8Array(content)], 'b.png', { type: 'image/png' }));
    return dropped;
  }, bytes);
  await image.dispatchEvent('drop', { dataTransfer: data });
  await expect(inHeader(page)).not.toHaveAttribute('src', first ?? '');
  await expect(inHeader(page)).toHaveJSProperty('naturalWidth', 256);

  await chooser.setInputFiles({ name: 'c.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') });
  await expect(image.getByRole('alert')).toHaveText('Choose a PNG, JPEG or WebP image.');
  await chooser.setInputFiles({ name: 'd.png', mimeType: 'image/png', buffer: Buffer.from('no image') });
  await expect(image.getByRole('alert')).toHaveText('Send a PNG, JPEG or WebP image.');
  const large = { name: 'e.png', mimeType: 'image/png', buffer: Buffer.alloc(5 * 1024 * 1024 + 1) };
  await chooser.setInputFiles(large);
  await expect(image.getByRole('alert')).toContainText('larger than 5 MB');

  await image.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  for (const one of [page, other]) await expect(inHeader(one)).toHaveCount(0);
});

test('a chosen time zone holds for all times at once, and a chosen currency for the next payment', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url, { name: 'Tom Zone' });
  const other = await context.newPage();
  await other.goto('/settings/devices');
  const times = other.getByRole('region', { name: 'This device' }).locator('time');
  await expect(times.first()).toBeVisible();
  await other.locator('[data-live=connected]').waitFor({ state: 'attached' });
  await page.goto('/settings/preferences');
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption('Asia/Tokyo');
  await expect(times.first()).toHaveAttribute('title', /GMT\+9$/);
  await page.getByRole('combobox', { name: 'Time zone' }).selectOption('America/New_York');
  await expect(times.first()).toHaveAttribute('title', /(GMT-[45]|E[SD]T)$/);
  await page.getByLabel('Currency of a new payment').selectOption('CHF');
  await expect(page.getByText('Saved').first()).toBeVisible();
  await other.goto('/payments/new');
  await expect(other.getByRole('combobox', { name: 'Currency' })).toHaveValue('CHF');
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Time zone' })).toHaveValue('America/New_York');
});

test('everything about a user is collected, and downloaded as one file', async ({ page, context, url }) => {
  const { email } = await becomeNew(context, url, { name: 'Ex Port' });
  await pay(context, url);
  await page.goto('/settings/data');
  await page.getByRole('button', { name: 'Collect my data' }).click();
  await expect(page.getByText('Your file is ready')).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download' }).click(),
  ]);
  expect(download.suggestedFilename()).toBe('payloom-data.json');
  const file = JSON.parse(await readFile(await download.path(), 'utf8')) as Record<string, unknown>;
  expect(file).toMatchObject({ account: { email }, payments: [{ payer: { email } }] });
});

test('an account is closed with its password only, and every device is signed out at once', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url, { name: 'Clo Sing' });
  const elsewhere = await another();
  await become(elsewhere.context(), url, email);
  await elsewhere.goto('/payments');
  await elsewhere.locator('[data-live=connected]').waitFor({ state: 'attached' });
  await page.goto('/settings/data');
  await page.getByRole('button', { name: 'Close account…' }).click();
  const question = page.getByRole('dialog');
  await expect(question.getByLabel('Your password', { exact: true })).toBeFocused();
  await page.keyboard.type('not the password');
  await page.keyboard.press('Enter');
  await expect(question.getByText('The current password is not right.')).toBeVisible();
  await question.getByLabel('Your password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  for (const one of [page, elsewhere]) await expect(heading(one, 'Sign in')).toBeVisible();
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('The e-mail address or the password is not right.')).toBeVisible();
});
