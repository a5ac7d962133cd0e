import type { Page } from '@playwright/test';
import { CURRENCIES, CURRENCY_RULES } from '../../shared/contracts/currencies.ts';
import { formatMoney } from '../../shared/contracts/money.ts';
import { becomeNew, pay, SLOW_CARD } from './actions.ts';
import { expect, test } from './spec.ts';

const LARGEST = CURRENCIES.map((currency) => ({
  currency,
  amountMinor: CURRENCY_RULES[currency].maxMinor,
})).sort((a, b) => formatMoney(b, 'en-GB').length - formatMoney(a, 'en-GB').length)[0] ?? {
  currency: 'EUR' as const,
  amountMinor: 1,
};

/** Amounts that reach out of the cell, the card or the line around them. */
const cut = (page: Page): Promise<string[]> =>
  page.locator('.money:visible').evaluateAll((amounts) =>
    amounts
      .filter((amount) => {
        const inner = amount.getBoundingClientRect();
        const outer = (amount.closest('td, li, .sum, button') ?? document.body).getBoundingClientRect();
        return inner.left < outer.left - 0.5 || inner.right > outer.right + 0.5;
      })
      .map((amount) => amount.textContent ?? ''),
  );

for (const width of [320, 768, 1280]) {
  test(`the largest amount is shown with all its digits at ${width} px`, async ({ page, context, url }) => {
    await page.setViewportSize({ width, height: 900 });
    await becomeNew(context, url);
    const done = await pay(context, url, LARGEST);
    const slow = await pay(context, url, { ...LARGEST, card: SLOW_CARD });
    const text = formatMoney(LARGEST, 'en-GB');
    for (const path of [
      '/payments',
      `/payments/${done.id}`,
      `/payments/${slow.id}`,
      `/payments/new?made=${slow.id}`,
    ]) {
      await page.goto(path);
      await expect(page.getByText(text).locator('visible=true').first()).toBeVisible();
      expect.soft(await cut(page), path).toEqual([]);
    }
  });
}
