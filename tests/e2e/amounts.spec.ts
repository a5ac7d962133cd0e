import type { Page } from '@playwright/test';
import type { Currency } from '../../shared/contracts/currencies.ts';
import { VENDOR } from '../system/accounts.ts';
import { becomeNew, openFilters, pay } from './actions.ts';
import { expect, tabTo, test } from './spec.ts';

/** Every way of writing numbers that CLDR has; `npm test` takes four of them. */
const LOCALES = process.env['E2E_SHORT']
  ? ['de-DE', 'fr-TN', 'en-IN', 'ar-EG']
  : (
      'en-US en-IN en-ZA de-DE de-AT de-CH fr-FR fr-TN it-IT es-ES es-MX pt-BR pl-PL cs-CZ sv-SE ' +
      'da-DK nl-NL tr-TR bg-BG hu-HU ar-EG ar-AE ar-TN he-IL fa-IR hi-IN bn-BD th-TH ja-JP zh-CN'
    ).split(' ');

const AMOUNTS = [
  ['EUR', 1234.5],
  ['JPY', 1234567],
  ['TND', 12.5],
  ['INR', 123456.78],
] as const;

const parts = (page: Page) => ({
  amount: page.getByRole('textbox', { name: 'Amount' }),
  currency: page.getByRole('combobox', { name: 'Currency' }),
  description: page.getByRole('textbox', { name: 'Description' }),
  review: page.getByRole('button', { name: 'Review payment' }),
  question: page.getByRole('group', { name: 'Amount: what do you mean?' }),
});

const openForm = async (page: Page): Promise<void> => {
  await page.goto('/payments/new');
  await page.getByRole('combobox', { name: 'Vendor' }).fill(VENDOR);
  await page.getByRole('option', { name: VENDOR }).click();
};

/** What a person in this locale types for an amount, without grouping, and how a page shows it. */
const writtenIn = (page: Page, currency: Currency, amount: number) =>
  page.evaluate(
    ([code, value]) => {
      const format = new Intl.NumberFormat(navigator.language, { style: 'currency', currency: code });
      const of = ['integer', 'decimal', 'fraction'];
      const all = format.formatToParts(value);
      return {
        typed: all.flatMap((part) => (of.includes(part.type) ? part.value : [])).join(''),
        shown: format.format(value),
      };
    },
    [currency, amount] as const,
  );

const confirmed = (page: Page) => page.getByRole('button', { name: /^Confirm and pay/ });

for (const locale of LOCALES) {
  test.describe(locale, () => {
    test.use({ locale });

    test('the amount that is typed, or pasted as a page shows it, is the amount of the review', async ({
      page,
      context,
      url,
    }) => {
      await becomeNew(context, url);
      await openForm(page);
      const { amount, currency, review, question } = parts(page);
      for (const [code, value] of AMOUNTS) {
        const { typed, shown } = await writtenIn(page, code, value);
        for (const text of [typed, shown]) {
          await currency.selectOption(code);
          await amount.fill('');
          if (text === typed) await amount.pressSequentially(text);
          else await amount.fill(text);
          await review.click();
          // Three decimals after `.` or `,` look like a group of digits, but in a country that has them.
          if (text === typed && /[.,]\p{Nd}{3}$/u.test(text) && !locale.endsWith('TN')) {
            await question.getByRole('button').filter({ hasText: shown }).click();
            await review.click();
          }
          await expect(confirmed(page), `${locale} ${text}`).toContainText(shown);
          await page.getByRole('button', { name: 'Back' }).click();
        }
      }
    });
  });
}

test.describe('in Germany', () => {
  test.use({ locale: 'de-DE' });

  test('digits are grouped while they are typed, and completed afterwards', async ({
    page,
    context,
    url,
  }) => {
    await becomeNew(context, url);
    await openForm(page);
    const { amount, currency, description } = parts(page);
    await amount.pressSequentially('1234567');
    await expect(amount).toHaveValue('1.234.567');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Backspace');
    await expect(amount).toHaveValue('123.467');
    await page.keyboard.press('9');
    await expect(amount).toHaveValue('1.234.967');
    await page.keyboard.press('End');
    await amount.pressSequentially(',5');
    await description.focus();
    await expect(amount).toHaveValue('1.234.967,50');
    await currency.selectOption('KWD');
    await expect(amount).toHaveValue('1.234.967,500');
  });

  test('an amount that can be meant in two ways is asked for, and chosen by keyboard', async ({
    page,
    context,
    url,
  }) => {
    await becomeNew(context, url);
    await openForm(page);
    const { amount, currency, review, question } = parts(page);
    await currency.selectOption('KWD');
    await amount.fill('1,230');
    await review.click();
    await expect(amount).toBeFocused();
    await expect(amount).toHaveAccessibleDescription(/can be read in two ways/);
    await expect(question.getByRole('button')).toHaveText(['1.230,000 KWD', '1,230 KWD']);
    // What cannot be paid is not offered.
    await amount.fill('1,234');
    await review.click();
    await expect(amount).toHaveAccessibleDescription(/in steps of 0,010\sKWD\. Do you mean this\?$/);
    await expect(question.getByRole('button')).toHaveText(['1.234,000 KWD']);
    await tabTo(page, question.getByRole('button').first());
    await page.keyboard.press('Enter');
    await expect(question).toBeHidden();
    await expect(amount).toBeFocused();
    await expect(amount).toHaveValue('1.234,000');
    await review.click();
    await expect(confirmed(page)).toContainText('1.234,000 KWD');
  });

  test('a filter by amount means the same in the address of every reader', async ({
    page,
    context,
    url,
    browser,
  }) => {
    await becomeNew(context, url);
    for (const amountMinor of [123_450, 123_449]) await pay(context, url, { amountMinor });
    await page.goto('/payments?currency=EUR');
    await openFilters(page);
    const least = page.getByLabel('Amount from');
    await least.pressSequentially('1234,50');
    await expect(least).toHaveValue('1.234,50');
    await expect(page).toHaveURL(/amountMin=1234\.5$/);
    await expect(page.getByRole('row', { name: /1\.234,50/ })).toHaveCount(1);
    await expect(page.getByRole('row', { name: /1\.234,49/ })).toHaveCount(0);

    const english = await browser.newContext({
      baseURL: url,
      locale: 'en-GB',
      storageState: await context.storageState(),
    });
    const other = await english.newPage();
    await other.goto(page.url());
    await openFilters(other);
    await expect(other.getByLabel('Amount from')).toHaveValue('1,234.50');
    await expect(other.getByRole('row', { name: /1,234\.50/ })).toHaveCount(1);
    await expect(other.getByRole('row', { name: /1,234\.49/ })).toHaveCount(0);
    await english.close();
  });
});

test('the lev can be filtered by and not paid in, and the euro takes its place', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  await page.goto('/payments');
  await openFilters(page);
  await expect(page.getByLabel('Currency').getByRole('option', { name: /^BGN/ })).toHaveCount(1);
  await page.goto('/payments/new');
  const { currency } = parts(page);
  await expect(currency).toHaveValue('EUR');
  await expect(currency.getByRole('option', { name: /^BGN/ })).toHaveCount(0);
});
