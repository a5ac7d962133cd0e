import type { Page } from '@playwright/test';
import { becomeNew, pay } from './actions.ts';
import { expect, overflow, test } from './spec.ts';

/** Boxes of text that is wider than the box, in the header and what floats over the page. */
const clipped = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('header *, [role=dialog] *, [role=status] *')]
      .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1)
      .filter((node) => getComputedStyle(node).textOverflow !== 'ellipsis')
      .map((node) => node.outerHTML.slice(0, 120)),
  );

test('a name of a hundred letters, almost in one word, makes nothing too wide', async ({
  page,
  context,
  url,
  another,
}) => {
  const word = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 98);
  // The test's e-mail addresses begin with the first word.
  const name = `V ${word}`;
  const payer = await another();
  const { email: payee } = await becomeNew(context, url, { name, role: 'VENDOR' });
  await becomeNew(payer.context(), url, { name });
  const check = async (what: string): Promise<void> => {
    for (const width of [320, 768]) {
      await page.setViewportSize({ width, height: 800 });
      expect.soft([...(await overflow(page)), ...(await clipped(page))], `${what}, ${width} px`).toEqual([]);
    }
  };
  await page.setViewportSize({ width: 320, height: 800 });
  await page.goto('/payments');
  await page.locator('[data-live=connected]').waitFor({ state: 'attached' });
  await pay(payer.context(), url, { payee });
  await page.getByRole('status').getByText('paid you').waitFor();
  await check('toast');
  await page.getByRole('button', { name: /^Account of/ }).click();
  await check('account menu');
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await page.getByRole('region', { name: 'Notifications' }).getByRole('listitem').first().waitFor();
  await check('notifications');
  await page
    .getByRole('link', { name: /paid you/ })
    .first()
    .click();
  await page.getByRole('heading', { name: 'Timeline' }).waitFor();
  await check('payment');
  await page.goto('/settings/devices');
  await page.getByRole('heading', { name: 'Devices', level: 1 }).waitFor();
  await check('devices');

  await context.clearCookies();
  await page.goto('/sign-up');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('E-mail address').fill(`${word}@${word}`);
  await page.getByRole('button', { name: 'Create account' }).click();
  await check('sign-up');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByRole('dialog').waitFor();
  await check('dialog');
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.getByLabel('E-mail address').fill(`${word}@${word}.example`);
  await check('sign-in');
});
