import type { BrowserContext, Page, Response } from '@playwright/test';
import { ADMIN, CUSTOMER } from '../system/accounts.ts';
import { become, paymentsOf } from './actions.ts';
import { expect, heading, test } from './spec.ts';

/**
 * What a first visit may load before the browser is idle: KB of scripts and styles as sent, and their
 * number.
 */
type Budget = {
  path: string;
  title: string;
  who?: string;
  scriptsKb: number;
  stylesKb: number;
  files: number;
};

/** At most 5 % above what is: who adds to a page sees it here. 1 KB is 1,024 bytes, in brotli. */
const BUDGETS: readonly Budget[] = [
  { path: '/sign-in', title: 'Sign in', scriptsKb: 50, stylesKb: 8.5, files: 6 },
  { path: '/sign-up', title: 'Create an account', scriptsKb: 64, stylesKb: 8.5, files: 8 },
  {
    path: '/settings/password',
    title: 'Change password',
    who: CUSTOMER,
    scriptsKb: 63.5,
    stylesKb: 8.5,
    files: 8,
  },
  { path: '/payments', title: 'Payments', who: CUSTOMER, scriptsKb: 63, stylesKb: 13, files: 6 },
  { path: '/payments/:id', title: '', who: CUSTOMER, scriptsKb: 78, stylesKb: 13, files: 13 },
  { path: '/payments/new', title: 'Pay', who: CUSTOMER, scriptsKb: 98.5, stylesKb: 13, files: 13 },
  { path: '/settings/profile', title: 'Profile', who: CUSTOMER, scriptsKb: 56.5, stylesKb: 10.5, files: 7 },
  { path: '/settings/devices', title: 'Devices', who: CUSTOMER, scriptsKb: 57, stylesKb: 10.5, files: 9 },
  {
    path: '/settings/preferences',
    title: 'Preferences',
    who: CUSTOMER,
    scriptsKb: 56.5,
    stylesKb: 10.5,
    files: 8,
  },
  { path: '/settings/data', title: 'Your data', who: CUSTOMER, scriptsKb: 54, stylesKb: 10.5, files: 8 },
  // With what draws the chart, 20 KB.
  { path: '/admin', title: 'Overview', who: ADMIN, scriptsKb: 83, stylesKb: 14.5, files: 11 },
  { path: '/admin/users', title: 'Users', who: ADMIN, scriptsKb: 75, stylesKb: 14.5, files: 25 },
  { path: '/admin/audit', title: 'Audit log', who: ADMIN, scriptsKb: 75, stylesKb: 14.5, files: 22 },
];
/** Tasks of more than 50 ms, of which a slow machine has more; a page that computes too much has many. */
const LONG_TASKS = 8;

/** Runs in the page before its scripts: the browser is never idle, and long tasks are counted. */
const prepare = (): void => {
  globalThis.requestIdleCallback = () => 0;
  const seen = { longTasks: 0 };
  Object.assign(globalThis, { seen });
  new PerformanceObserver((list) => (seen.longTasks += list.getEntries().length)).observe({
    type: 'longtask',
  });
};

const pathOf = async (context: BrowserContext, url: string, { path }: Budget): Promise<string> => {
  if (!path.endsWith('/:id')) return path;
  const [payment] = await paymentsOf(context, url);
  return path.replace(':id', payment?.id ?? '');
};

const sentBytes = (responses: readonly Response[]): number =>
  responses.reduce((sum, response) => sum + Number(response.headers()['content-length']), 0);

const load = async (page: Page, path: string, title: string) => {
  const responses: Response[] = [];
  page.on('response', (response) => responses.push(response));
  await page.addInitScript(prepare);
  await page.goto(path);
  await expect(heading(page, title || /./)).toBeVisible();
  await page.waitForLoadState('networkidle');
  // One that is asked for again comes from the browser's memory.
  const files = [...new Map(responses.map((response) => [response.url(), response])).values()];
  const of = (type: string) => files.filter((response) => response.request().resourceType() === type);
  const [scripts, styles] = [of('script'), of('stylesheet')];
  return {
    scriptsKb: sentBytes(scripts) / 1024,
    stylesKb: sentBytes(styles) / 1024,
    files: scripts.length + styles.length,
    longTasks: await page.evaluate(
      () => (globalThis as unknown as { seen: { longTasks: number } }).seen.longTasks,
    ),
  };
};

for (const budget of BUDGETS) {
  const { path, title, who } = budget;
  test(`the first visit of ${path} stays within its budget`, async ({ page, context, url }) => {
    if (who) await become(context, url, who);
    const { longTasks, ...loaded } = await load(page, await pathOf(context, url, budget), title);
    const { scriptsKb, stylesKb, files } = budget;
    for (const [what, limit] of Object.entries({ scriptsKb, stylesKb, files }))
      expect.soft(loaded[what as keyof typeof loaded], `${what} of ${path}`).toBeLessThanOrEqual(limit);
    expect(longTasks).toBeLessThanOrEqual(LONG_TASKS);
  });
}
