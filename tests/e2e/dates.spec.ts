import { becomeNew, pay } from './actions.ts';
import { expect, test } from './spec.ts';

for (const [locale, clock] of [
  ['de-DE', /^\d\d:\d\d$/],
  ['en-US', /^\d?\d:\d\d\s[AP]M$/],
  ['ja-JP', /^\d?\d:\d\d$/],
] as const) {
  test.describe(locale, () => {
    test.use({ locale });

    test('dates have English words, and the hours of the reader', async ({ page, context, url }) => {
      await becomeNew(context, url);
      const { id } = await pay(context, url);
      await page.goto('/payments');
      const times = page.getByRole('row', { name: /Vera Vendor/ }).getByRole('time');
      await expect(times).toHaveText(['Today', clock]);
      await page.goto(`/payments/${id}`);
      await expect(page.getByRole('time').first()).toHaveText(/^Today, /);
      await expect(page.getByRole('time').first()).toHaveAttribute('title', /day,? .*20\d\d at /);
      await page.goto('/payments?from=2026-02-03');
      await expect(
        page.getByRole('button', { name: /^Remove filter From (3 Feb|Feb 3,) 2026$/ }),
      ).toBeVisible();
      await page.goto('/settings/devices');
      await expect(page.getByText(/^Signed in today, /)).toBeVisible();
    });
  });
}
