import type { Page } from '@playwright/test';
import { ADMIN } from '../system/accounts.ts';
import { become, becomeNew, pay } from './actions.ts';
import { expect, heading, test } from './spec.ts';

const paletteOf = (page: Page) => page.getByRole('dialog', { name: 'Search and commands' });
const inputOf = (page: Page) => paletteOf(page).getByRole('combobox');
const option = (page: Page, name: string | RegExp) => paletteOf(page).getByRole('option', { name });

const openList = async (page: Page): Promise<void> => {
  await page.goto('/payments');
  await expect(heading(page, 'Payments')).toBeVisible();
};

test('the palette opens by keys, leads to pages and payments, and gives the focus back', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  const { id } = await pay(context, url, { description: 'Café awnings', payee: 'tokyo@example.com' });
  await openList(page);
  const { keyboard } = page;
  const opener = page.getByRole('button', { name: 'Search Ctrl K' });
  await opener.click();
  await expect(inputOf(page)).toBeFocused();
  await keyboard.press('Escape');
  await expect(paletteOf(page)).toBeHidden();
  await expect(opener).toBeFocused();

  await keyboard.press('Control+k');
  await expect(option(page, 'Payments')).toHaveAttribute('aria-selected', 'true');
  await keyboard.press('End');
  await expect(option(page, 'Sign out')).toHaveAttribute('aria-selected', 'true');
  await keyboard.press('ArrowDown');
  await expect(option(page, 'Payments')).toHaveAttribute('aria-selected', 'true');
  await keyboard.type('devi');
  await expect(paletteOf(page).getByRole('status')).toHaveText('2 results');
  await keyboard.press('Enter');
  await expect(heading(page, 'Devices')).toBeFocused();

  for (const typed of ['café awn', id]) {
    await keyboard.press('Control+k');
    await expect(inputOf(page)).toBeFocused();
    await keyboard.type(typed);
    await expect(option(page, /Café awnings/)).toBeVisible();
    await keyboard.press('Home');
    while ((await paletteOf(page).locator('[aria-selected=true]').innerText()).includes('Café') === false)
      await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await expect(heading(page, /^Payment to/)).toBeVisible();
    await expect(page).toHaveURL(`${url}/payments/${id}`);
    await page.goBack();
    await expect(heading(page, 'Devices')).toBeVisible();
  }
  await keyboard.press('Control+k');
  const recent = paletteOf(page).getByRole('group', { name: 'Recent' });
  await expect(recent.getByRole('option')).toHaveText([/Café awnings/, /Devices/]);
});

test('the palette fills in the payee, and says when nothing fits or the search fails', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await openList(page);
  await page.keyboard.press('Control+k');
  await inputOf(page).fill('pay corner');
  await option(page, 'Pay Corner Bakery').click();
  await expect(page.getByRole('combobox', { name: 'Vendor' })).toHaveValue('Corner Bakery');
  await expect(page).toHaveURL(`${url}/payments/new`);

  await page.keyboard.press('Control+k');
  // Something is typed, so leaving asks first.
  await inputOf(page).fill('devices');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Leave' }).click();
  await expect(heading(page, 'Devices')).toBeVisible();

  await page.keyboard.press('Control+k');
  await inputOf(page).fill('qq');
  await expect(paletteOf(page).getByText('Nothing fits “qq”.')).toBeVisible();
  await page.route('**/api/payments?*', (route) => route.abort());
  await inputOf(page).fill('lamps');
  const failed = paletteOf(page).getByText('Payments could not be searched.');
  await expect(failed.first()).toBeVisible();
  await page.unroute('**/api/payments?*');
  await paletteOf(page).getByRole('button', { name: 'Try again' }).click();
  await expect(paletteOf(page).getByRole('status')).toHaveText('1 result');
  await page.keyboard.press('Escape');
});

test('single keys open pages and their list, not while typing, and can be switched off', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await openList(page);
  const { keyboard } = page;
  const search = page.getByRole('searchbox', { name: 'Search' });
  await keyboard.press('/');
  await expect(search).toBeFocused();
  await keyboard.type('n?gd');
  await expect(search).toHaveValue('n?gd');
  await expect(page).toHaveURL(/q=n/);
  await heading(page, 'Payments').focus();
  await keyboard.type('gd');
  await expect(heading(page, 'Devices')).toBeFocused();
  await keyboard.press('n');
  await expect(heading(page, /^Pay$/)).toBeFocused();

  await keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const control = sheet.getByRole('switch', { name: 'Shortcuts of single keys' });
  await expect(sheet.getByText('Payments', { exact: true })).toBeVisible();
  await control.click();
  await expect(control).toHaveAttribute('aria-checked', 'false');
  await keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await keyboard.type('gd?');
  await keyboard.press('Control+k');
  await expect(inputOf(page)).toBeFocused();
  await expect(heading(page, /^Pay$/)).toBeAttached();
  await inputOf(page).fill('keyboard');
  await keyboard.press('Enter');
  await expect(control).toHaveAttribute('aria-checked', 'false');
});

test('at 320 px the palette opens from the account menu; administrators search when they choose to', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, ADMIN);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto('/admin');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('button', { name: 'Search and commands' }).click();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await inputOf(page).fill('corner');
  await expect(option(page, 'Search payments for “corner”')).toBeVisible();
  const box = await paletteOf(page).boundingBox();
  expect([box!.x >= 0, box!.x + box!.width <= 320, box!.y + box!.height <= 640]).toEqual([true, true, true]);
  await option(page, 'Search users for “corner”').click();
  await expect(page).toHaveURL(`${url}/admin/users?q=corner`);
  expect(asked.filter((path) => /^\/api\/(?:payments|payees)/.test(path))).toEqual([]);
});
