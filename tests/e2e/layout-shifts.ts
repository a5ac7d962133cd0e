import type { BrowserContext, Page } from '@playwright/test';

/** Collects what moves while pages are drawn, each with the elements that moved; not what an input causes. */
const watch = (): void => {
  type Shift = PerformanceEntry & {
    value: number;
    hadRecentInput: boolean;
    sources: { node: Element | null }[];
  };
  const shifts: string[] = [];
  Object.assign(window, { shifts });
  new PerformanceObserver((list) => {
    for (const { value, sources, hadRecentInput } of list.getEntries() as Shift[])
      if (!hadRecentInput)
        shifts.push(`${value}: ${sources.map(({ node }) => node?.outerHTML.slice(0, 80)).join(' | ')}`);
  }).observe({ type: 'layout-shift', buffered: true });
};

export const watchShifts = async (context: BrowserContext): Promise<void> => {
  await context.addInitScript(watch);
};

/** What has moved on the page since it was loaded. */
export const shiftsOn = async (page: Page): Promise<string[]> => {
  // One more frame, in which a shift would be reported.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  return page.evaluate(() => (window as unknown as { shifts: string[] }).shifts);
};
