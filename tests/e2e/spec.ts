import { test as base, expect, type BrowserContext, type Locator, type Page } from '@playwright/test';

type Fixtures = {
  /** Where the copy of Payloom runs. */
  url: string;
  /** Errors that a story causes on purpose; every other one fails it. */
  meant: { errors: RegExp[] };
  /** A browser of somebody else's, watched as the first one is. */
  another: () => Promise<Page>;
};

const POLICY = /content security policy|trusted ?types|securitypolicyviolation/i;

/** Notes every uncaught error and every breach of the content policy on every page of the context. */
const watch = async (context: BrowserContext, noted: string[]): Promise<void> => {
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`securitypolicyviolation ${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  context.on('weberror', (error) => noted.push(`page error: ${error.error().message}`));
  context.on('console', (message) => {
    if (POLICY.test(message.text())) noted.push(`policy: ${message.text()}`);
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
  meant: async ({}, use) => {
    await use({ errors: [] });
  },
  context: async ({ context, meant }, use) => {
    const noted: string[] = [];
    await watch(context, noted);
    await use(context);
    expect(noted.filter((text) => !meant.errors.some((one) => one.test(text)))).toEqual([]);
  },
  another: async ({ browser, url }, use) => {
    const noted: string[] = [];
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({ baseURL: url });
      opened.push(context);
      await watch(context, noted);
      return context.newPage();
    });
    for (const context of opened) await context.close();
    expect(noted).toEqual([]);
  },
});

export { expect } from '@playwright/test';
export const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name, level: 1 });

/** Keeps messages from the page, so that it reads nothing again before somebody asks for it. */
export const withoutMessages = async (page: Page): Promise<void> => {
  await page.routeWebSocket(/\/ws\//, (socket) => socket.close());
  await page.route('**/ws/**', (route) => route.abort());
};

const STEPS_LIMIT = 40;

/** Presses Tab until the control has the focus; fails where the keyboard does not lead to it. */
export const tabTo = async (page: Page, control: Locator): Promise<void> => {
  for (let step = 0; step < STEPS_LIMIT; step++) {
    if (await control.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(control).toBeFocused();
};
