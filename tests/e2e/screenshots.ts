// Takes a screenshot of every page, light and dark, narrow and wide:
// `node tests/e2e/screenshots.ts [url] [folder]`.
// Without a URL it starts an instance of its own. Also writes docs/screenshot.png, the README's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { CHROMIUM } from '../system/chromium.ts';
import startInstance from './global-setup.ts';
import { VIEWS } from './pages.ts';
import { become, declineMeasuring } from './actions.ts';
import { makePayments, signInAs, VIEWERS, type Made } from './viewers.ts';

const WIDTHS_PX = [320, 1280] as const;
const THEMES = ['light', 'dark'] as const;
const README_LIMIT_BYTES = 200_000;

const open = async (
  browser: Browser,
  url: string,
  widthPx: number,
  colorScheme: 'light' | 'dark',
  locale = 'en-GB',
) => {
  const context = await browser.newContext({
    baseURL: url,
    colorScheme,
    reducedMotion: 'reduce',
    serviceWorkers: 'block',
    locale,
    viewport: { width: widthPx, height: widthPx === 320 ? 700 : 800 },
  });
  await declineMeasuring(context);
  return context;
};

/** Waits for fonts and animations, and resets hover and scroll position. */
const settle = async (page: Page): Promise<void> => {
  await page.mouse.move(0, 0);
  await page.evaluate(async () => {
    scrollTo(0, 0);
    await document.fonts.ready;
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)));
  });
};

/** The payments list for the README. */
const forReadme = async (browser: Browser, url: string): Promise<void> => {
  const context = await open(browser, url, 1280, 'light', 'en-US');
  await become(context, url, CUSTOMER);
  const page = await context.newPage();
  await page.goto('/payments');
  await page.getByText('Landing page copy').first().waitFor();
  await settle(page);
  const picture = await page.screenshot();
  if (picture.length > README_LIMIT_BYTES) throw new Error(`docs/screenshot.png has ${picture.length} bytes`);
  mkdirSync('docs', { recursive: true });
  writeFileSync('docs/screenshot.png', picture);
  await context.close();
};

const takeAll = async (context: BrowserContext, url: string, made: Made, prefix: string): Promise<void> => {
  for (const viewer of VIEWERS) {
    await signInAs(context, url, viewer, made);
    for (const { name, open: show, leave } of VIEWS.filter((view) => view.viewer === viewer)) {
      const page = await context.newPage();
      await show(page, made);
      await settle(page);
      await page.screenshot({ path: `${prefix}${name}.png`, fullPage: true });
      await leave?.(page);
      await page.close();
    }
  }
};

const [given, folder = join('test-results', 'screens')] = process.argv.slice(2);
if (given) process.env['E2E_URL'] = given;
const removeInstance = await startInstance();
const url = process.env['E2E_URL'] ?? '';
const browser = await chromium.launch(CHROMIUM);
try {
  mkdirSync(folder, { recursive: true });
  await forReadme(browser, url);
  for (const theme of THEMES) {
    for (const widthPx of WIDTHS_PX) {
      const context = await open(browser, url, widthPx, theme);
      const made = await makePayments(context, url);
      await takeAll(context, url, made, join(folder, `${theme}-${widthPx}-`));
      await context.close();
      console.log(`${VIEWS.length} pages, ${theme}, ${widthPx} px`);
    }
  }
  console.log(`The screenshots are in ${folder}, the README's in docs/screenshot.png.`);
} finally {
  await browser.close();
  await removeInstance?.();
}
