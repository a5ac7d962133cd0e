import type { Page } from '@playwright/test';
import { become, becomeNew, becomeOnDevices } from './actions.ts';
import { expect, test } from './spec.ts';

const rows = (page: Page) => page.getByRole('region', { name: 'Other devices' }).getByRole('listitem');
const thisDevice = (page: Page) => page.getByRole('region', { name: 'This device' });
const question = (page: Page) => page.getByRole('dialog');

test('a device gets a name, which every page shows and its next sign-in keeps', async ({
  page,
  context,
  url,
  another,
}) => {
  const { email } = await becomeNew(context, url);
  const elsewhere = await another();
  await become(elsewhere.context(), url, email);
  await elsewhere.goto('/settings/devices');
  await page.goto('/settings/devices');
  await rows(page)
    .getByRole('button', { name: /^Rename / })
    .click();
  const name = question(page).getByRole('textbox', { name: 'Name' });
  await expect(name).toBeFocused();
  await name.fill('Kitchen\u2066 tablet');
  await page.keyboard.press('Enter');
  await expect(name).toHaveAccessibleDescription(/Must not contain characters/);
  await name.fill(' Kitchen tablet ');
  await page.keyboard.press('Enter');
  await expect(page.getByText('It is called Kitchen tablet now.')).toBeVisible();
  await expect(rows(page).getByRole('button', { name: 'Rename Kitchen tablet' })).toBeFocused();
  await expect(thisDevice(elsewhere)).toContainText('Kitchen tablet');
  await become(elsewhere.context(), url, email);
  await expect(rows(page).filter({ hasText: 'Kitchen tablet' })).toHaveCount(2);
});

test('the question before a sign-out says when and where the device was used', async ({
  page,
  context,
  url,
  another,
}) => {
  await becomeOnDevices(context, url, another, 2);
  await page.goto('/settings/devices');
  const signOut = rows(page).getByRole('button', { name: /^Sign out / });
  await expect(signOut).toHaveCount(2);
  await expect(signOut.first()).toHaveAccessibleDescription(/^Last used today, \d\d:\d\d/);
  await signOut.first().click();
  await expect(question(page)).toContainText(
    /Last used today, \d\d:\d\d, from [\d.:a-f]+\. Signed in today, \d\d:\d\d\./,
  );
});

test('devices that were not used for a week stand apart', async ({ page, context, url, another }) => {
  await becomeOnDevices(context, url, another, 2);
  const weekAgo = new Date(Date.now() - 8 * 24 * 3_600_000).toISOString();
  await page.route('**/api/auth/sessions*', async (route) => {
    const response = await route.fetch();
    const body = (await response.json()) as { items: { current: boolean; lastSeenAt: string }[] };
    const other = body.items.findLast(({ current }) => !current);
    if (other) other.lastSeenAt = weekAgo;
    await route.fulfill({ response, json: body });
  });
  await page.goto('/settings/devices');
  const inactive = page.getByRole('region', { name: 'Not used for a week' });
  await expect(inactive.getByRole('listitem')).toHaveCount(1);
  await expect(inactive.locator(`time[datetime="${weekAgo}"]`)).toHaveAttribute('title', /\d{2}:\d{2}:\d{2}/);
  await expect(rows(page)).toHaveCount(1);
  // The list may be being read again: at the first message.
  await page.unrouteAll({ behavior: 'wait' });
});
