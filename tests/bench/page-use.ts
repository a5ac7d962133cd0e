import type { Browser, Page } from 'playwright';
import { median } from '../system/statistics.ts';
import { phoneOf, slowDown, type Site } from './phone.ts';

const ROWS = 100;
const ROUNDS = 5;
/** Until what may be opened next is there. */
const PREPARED_MS = 6_000;

type Item = { id: string };
type Answer = { items: Item[] };

/** The list has a hundred rows: those of the server again and again, under other ids. */
const lengthen = (page: Page): Promise<unknown> =>
  page.route('**/api/payments?*', async (route) => {
    // A 304 would have no rows.
    const { 'if-none-match': _known, ...headers } = route.request().headers();
    const response = await route.fetch({ headers });
    const answer = (await response.json()) as Answer;
    const items = Array.from({ length: ROWS }, (_, index) => {
      const item = answer.items[index % answer.items.length];
      return { ...item, id: `${item?.id.slice(0, -3)}${String(index).padStart(3, '0')}` };
    });
    await route.fulfill({ response, json: { ...answer, items } });
  });

/**
 * From a press of a link to the first frame with the page's heading; nothing has pointed at the link before.
 */
const openTook = (page: Page, href: string, title: string): Promise<number> =>
  page.evaluate(
    async (to) => {
      const link = document.querySelector<HTMLAnchorElement>(`a[href="${to.href}"]`);
      const startMs = performance.now();
      link?.click();
      while (document.querySelector('main h1')?.textContent?.trim() !== to.title)
        await new Promise(requestAnimationFrame);
      return performance.now() - startMs;
    },
    { href, title },
  );

/** Runs in the page before its scripts: the longest interaction. */
const observe = (): void => {
  Object.assign(globalThis, { longestMs: 0 });
  const seen = globalThis as unknown as { longestMs: number };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { interactionId?: number })[])
      if (entry.interactionId) seen.longestMs = Math.max(seen.longestMs, entry.duration);
  }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
};

const useList = async (page: Page): Promise<void> => {
  const tabs = page.getByRole('tablist', { name: 'Status' }).getByRole('tab');
  for (const name of ['Completed', 'All']) await tabs.filter({ hasText: name }).first().click();
  await page.getByRole('searchbox').first().pressSequentially('paper', { delay: 60 });
  await page.getByRole('button', { name: /^Filters/ }).click();
  await page.waitForTimeout(500);
};

/** How fast pages follow one another, and how fast a list of a hundred rows answers, on a phone. */
export const measureUse = async (browser: Browser, site: Site) => {
  const context = await phoneOf(browser, site, true);
  try {
    const page = await context.newPage();
    await page.goto(`${site.url}/payments`);
    await slowDown(page);
    await page.locator('main a[href^="/payments/pay_"]:visible').first().waitFor();
    await page.waitForTimeout(PREPARED_MS);
    const firstMs = await openTook(page, '/payments/new', 'Pay');
    const laterMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      laterMs.push(await openTook(page, '/payments', 'Payments'));
      laterMs.push(await openTook(page, '/payments/new', 'Pay'));
    }
    const list = await context.newPage();
    await list.addInitScript(observe);
    await lengthen(list);
    await list.goto(`${site.url}/payments`);
    await slowDown(list);
    await list
      .locator('main a[href^="/payments/pay_"]:visible')
      .nth(ROWS - 1)
      .waitFor();
    await useList(list);
    const inpMs = await list.evaluate(() => (globalThis as unknown as { longestMs: number }).longestMs);
    return { firstMs, laterMs: median(laterMs), inpMs };
  } finally {
    await context.close();
  }
};
