import { become, becomeNew } from './actions.ts';
import { expect, heading, test } from './spec.ts';

const DEVICES = {
  'Firefox on Linux': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Chrome on Windows':
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
    'Chrome/140.0.0.0 Safari/537.36',
};

test('sign-ins of a day are one notification that opens, and opening it reads them', async ({
  page,
  context,
  url,
  browser,
}) => {
  const { email } = await becomeNew(context, url, { name: 'Sina Sign-in' });
  const signInWith = async (device: keyof typeof DEVICES): Promise<void> => {
    const elsewhere = await browser.newContext({ userAgent: DEVICES[device] });
    await become(elsewhere, url, email);
    await elsewhere.close();
  };
  for (const device of ['Firefox on Linux', 'Firefox on Linux', 'Chrome on Windows'] as const)
    await signInWith(device);
  await page.goto('/payments');
  await expect(heading(page, 'Payments')).toBeVisible();
  await page.getByRole('button', { name: 'Notifications, 3 unread' }).click();
  const panel = page.getByRole('region', { name: 'Notifications' });
  const group = (count: number) =>
    panel.getByRole('button', { name: `${count} new sign-ins – Chrome on Windows, Firefox on Linux` });
  await expect(panel.getByRole('link')).toHaveCount(0);
  await group(3).click();
  await expect(panel.getByRole('link', { name: /New sign-in with/ })).toHaveCount(3);
  const bell = page.getByRole('button', { name: /^Notifications/ });
  await expect(bell).toHaveAccessibleName('Notifications');

  // Another one joins the open group; closing and opening the group reads it.
  await signInWith('Firefox on Linux');
  const grown = panel.getByRole('button', { name: '4 new sign-ins – Firefox on Linux, Chrome on Windows' });
  await expect(grown).toHaveAttribute('aria-expanded', 'true');
  await expect(bell).toHaveAccessibleName('Notifications, 1 unread');
  await grown.click();
  await expect(panel.getByRole('link')).toHaveCount(0);
  await grown.click();
  await expect(bell).toHaveAccessibleName('Notifications');
  await page.reload();
  await expect(heading(page, 'Payments')).toBeVisible();
  await bell.click();
  await expect(panel.getByRole('button', { name: /^4 new sign-ins/ })).toBeVisible();
  await expect(bell).toHaveAccessibleName('Notifications');
});
