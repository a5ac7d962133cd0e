import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { become, becomeNew, pay } from './actions.ts';
import { expect, heading, test } from './spec.ts';

/** Shows the page as it is printed: the event comes first, as in a browser that prints. */
const showPrinted = async (page: Page): Promise<void> => {
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
};

/** How many sheets of A4 it takes. */
const sheetsOf = async (page: Page): Promise<number> =>
  (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;

/** What a reader could press or go to: none of it belongs on paper. */
const pressable = (page: Page) =>
  page.locator(
    'button:visible, input:visible, select:visible, nav:visible, [role=tab]:visible, footer:visible',
  );

test('a payment is printed on one sheet with everything on it, dark on white in a dark theme too', async ({
  page,
  context,
  url,
}) => {
  const { email } = await becomeNew(context, url);
  const { id } = await pay(context, url, { description: 'Posters' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`/payments/${id}`);
  await expect(page.getByRole('main').getByText('Completed').first()).toBeVisible();
  const title = heading(page, /^Payment to/);
  const inkOf = () => title.evaluate((node) => getComputedStyle(node).color);
  await expect.poll(inkOf).toBe('rgb(238, 240, 241)');
  await expect(page.getByText('Receipt')).toBeHidden();
  await showPrinted(page);
  await expect.poll(inkOf).toBe('rgb(22, 25, 28)');
  const ground = await page.locator('body').evaluate((node) => getComputedStyle(node).backgroundColor);
  expect(['rgba(0, 0, 0, 0)', 'rgb(255, 255, 255)']).toContain(ground);
  await expect(page.getByText('Receipt')).toBeVisible();
  await expect(pressable(page)).toHaveCount(0);
  const main = page.getByRole('main');
  for (const text of ['€12.34', 'Nora New', email, 'vendor@example.com', 'Visa', 'Posters', id, 'Timeline'])
    await expect(main.getByText(text).first(), text).toBeVisible();
  await expect(main.getByText('Printed on')).toContainText(`for Nora New, ${email}.`);
  await expect(main.getByText('Printed on')).toContainText(`${url}/payments/${id}`);
  // Another day "Today" would be wrong.
  await expect(main.getByText(/Today|Yesterday/)).toHaveCount(0);
  expect(await sheetsOf(page)).toBe(1);
});

test('a list is printed as a table with what it shows, its head on each sheet and no row cut', async ({
  page,
  context,
  url,
}) => {
  await become(context, url, CUSTOMER);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto('/payments?direction=sent');
  await page.getByText('Landing page copy').first().waitFor();
  await expect(page.getByRole('table')).toBeHidden();
  const summary = page.getByText(/payments?, page|payments?\. Newest/);
  // The summary is loaded by the first sign of a reader.
  await page.mouse.move(100, 100);
  await expect(summary).toBeAttached();
  await expect(summary).toBeHidden();
  await showPrinted(page);
  await expect(summary).toBeVisible();
  await expect(page.getByText('Only: Sent.')).toBeVisible();
  await expect(page.getByText(/^Completed on these sheets: Sent /)).toBeVisible();
  await expect(pressable(page)).toHaveCount(0);
  const table = page.getByRole('table');
  const styleOf = (part: string) =>
    table
      .locator(part)
      .first()
      .evaluate((node) => {
        const { display, breakInside } = getComputedStyle(node);
        return [display, breakInside];
      });
  expect((await styleOf('thead'))[0]).toBe('table-header-group');
  expect((await styleOf('tbody tr'))[1]).toBe('avoid');
  expect(await sheetsOf(page)).toBeLessThanOrEqual(3);
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ media: 'screen' });
  await expect(table).toBeHidden();
});
