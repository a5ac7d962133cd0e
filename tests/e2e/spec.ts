import { test as base, expect, type BrowserContext, type Locator, type Page } from '@playwright/test';
import { declineMeasuring } from './actions.ts';

type Fixtures = {
  /** The public URL of the instance. */
  url: string;
  /** Errors that a test causes on purpose; any other error fails it. */
  expected: { errors: RegExp[] };
  /** Whether pages ask if they may be measured; elsewhere the answer is no. */
  asks: boolean;
  /** Opens a page in a browser context of its own, watched for errors like the first one. */
  another: () => Promise<Page>;
};

const POLICY = /content security policy|trusted ?types|securitypolicyviolation/i;

/** Collects uncaught errors and violations of the content security policy on all pages of a context. */
const collectErrors = async (context: BrowserContext, errors: string[]): Promise<void> => {
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`securitypolicyviolation ${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  context.on('weberror', (error) => errors.push(`page error: ${error.error().message}`));
  context.on('console', (message) => {
    if (POLICY.test(message.text())) errors.push(`policy: ${message.text()}`);
  });
};

export const test = base.extend<Fixtures>({
  url: [
    async ({}, use) => {
      await use(process.env['E2E_URL'] ?? '');
    },
    { scope: 'test' },
  ],
  baseURL: async ({ url }, use) => {
    await use(url);
  },
  asks: [false, { option: true }],
  expected: async ({}, use) => {
    await use({ errors: [] });
  },
  context: async ({ context, expected, asks }, use) => {
    const errors: string[] = [];
    if (!asks) await declineMeasuring(context);
    await collectErrors(context, errors);
    await use(context);
    expect(errors.filter((text) => !expected.errors.some((one) => one.test(text)))).toEqual([]);
  },
  another: async ({ browser, url }, use) => {
    const errors: string[] = [];
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL: url });
      opened.push(context);
      await declineMeasuring(context);
      await collectErrors(context, errors);
      return context.newPage();
    });
    for (const context of opened) await context.close();
    expect(errors).toEqual([]);
  },
});

export { expect } from '@playwright/test';
export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 });

/** Blocks the socket, so that the page reads again only on a user's action. */
export const withoutMessages = async (page: Page): Promise<void> => {
  await page.routeWebSocket(/\/ws\//, (socket) => socket.close());
  await page.route('**/ws/**', (route) => route.abort());
};

/** The elements that overflow on the right, when the page scrolls sideways. */
export const overflow = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (node) => node.getBoundingClientRect().right > clientWidth + 0.5,
    );
    return [
      `${scrollWidth} px on ${clientWidth} px`,
      ...wide.slice(0, 5).map((node) => node.outerHTML.slice(0, 120)),
    ];
  });

const STEPS_LIMIT = 40;

/** Presses Tab until the control has the focus; fails when the keyboard does not reach it. */
export const tabTo = async (page: Page, control: Locator): Promise<void> => {
  for (let step = 0; step < STEPS_LIMIT; step++) {
    if (await control.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(control).toBeFocused();
};
