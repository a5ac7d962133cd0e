// The delay from the commit of a payment's transition to the other party's page, in a browser, with many
// other sockets connected.
import { setTimeout as sleep } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright';
import { PASSWORD } from '../system/accounts.ts';
import { CHROMIUM } from '../system/chromium.ts';
import { median, percentile } from '../system/statistics.ts';
import type { BenchStack } from './bench-stack.ts';
import { startCrowd } from './crowd.ts';
import { openConnection } from './load.ts';
import type { Quiet } from './machine.ts';
import { createRequest } from './payment-jobs.ts';
import {
  assertOthersConnected,
  makePeople,
  openOthers,
  OTHERS,
  startSocketStack,
  stepsOf,
} from './sockets.ts';
import type { Line } from './table.ts';

type LiveOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const EVERY_MS = 1_500;
const SHOWN_LIMIT_MS = 15_000;
const [CREATED, COMPLETED] = [1, 3];

/** When a payment's row first appeared, by id, and when it first showed `Completed`, by `<id> completed`. */
type Shown = Record<string, number>;

/** Runs in the page before its scripts. */
const observe = (): void => {
  const shown: Shown = {};
  Object.assign(window, { shown });
  const check = () => {
    for (const link of document.querySelectorAll('main tr a[href^="/payments/pay_"]')) {
      const id = link.getAttribute('href')?.split('/').at(-1) ?? '';
      shown[id] ??= Date.now();
      if (link.closest('tr')?.textContent?.includes('Completed')) shown[`${id} completed`] ??= Date.now();
    }
  };
  new MutationObserver(check).observe(document, { childList: true, subtree: true, characterData: true });
};

const shownOn = (page: Page): Promise<Shown> =>
  page.evaluate(() => (window as unknown as { shown: Shown }).shown);

/** Opens the payee's live list of payments. */
const openList = async (browser: Browser, { url }: BenchStack, email: string): Promise<Page> => {
  const context = await browser.newContext({
    viewport: { width: 1_280, height: 900 },
    // The local authority of the stack.
    ignoreHTTPSErrors: true,
  });
  const page = await context.newPage();
  await page.addInitScript(observe);
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  const isOpen = page.waitForEvent('websocket', (socket) => new URL(socket.url()).pathname === '/ws/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/payments/);
  await isOpen;
  return page;
};

/** Makes payments one after the other. @returns their ids */
const payInTurn = async (bench: BenchStack, token: string, email: string, count: number) => {
  const body = JSON.stringify({
    payee: { email },
    amountMinor: 12_345,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
  });
  const request = { ...createRequest(token), body };
  const connection = await openConnection(bench.port);
  const ids: string[] = [];
  for (let index = 0; index < count; index++) {
    const { status, text } = await connection.request(request, index);
    const id = /"id":"(pay_[^"]+)"/.exec(text())?.[1];
    if (status !== request.expect || !id) throw new Error(`a payment was answered ${status}: ${text()}`);
    ids.push(id);
    await sleep(EVERY_MS);
  }
  connection.close();
  return ids;
};

const lineOf = (what: string, delays: readonly number[], sockets: number): Line => ({
  measure: `live: ${what} → other party's page, p95`,
  goal: 300,
  floor: null,
  measured: percentile(delays, 0.95),
  unit: 'ms',
  detail:
    `${delays.length} payments, ${sockets} other sockets: p50 ${median(delays).toFixed(0)}, ` +
    `max ${Math.max(...delays).toFixed(0)} ms from before the commit to the row in the payee's list`,
});

/** Delays of created and completed payments to the payee's open list. */
export const measureLive = async (base: number, options: LiveOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const sockets = quick ? OTHERS / 5 : OTHERS;
  const bench = await startSocketStack(base);
  const crowds = [startCrowd(), startCrowd()];
  const browser = await chromium.launch(CHROMIUM);
  try {
    const [payee] = await makePeople(bench, 'payee', 'VENDOR', 1);
    const [payer] = await makePeople(bench, 'payer', 'CUSTOMER', 1);
    if (!payee || !payer) throw new Error('no payer or payee');
    await openOthers(bench, crowds, sockets);
    const page = await openList(browser, bench, payee.email);
    await payInTurn(bench, payer.token, payee.email, 3);
    await quiet.check('live');
    const ids = await payInTurn(bench, payer.token, payee.email, quick ? 8 : 60);
    const endMs = performance.now() + SHOWN_LIMIT_MS;
    let shown = await shownOn(page);
    while (ids.some((id) => shown[`${id} completed`] === undefined)) {
      if (performance.now() > endMs) throw new Error('not every payment was shown as completed');
      await sleep(200);
      shown = await shownOn(page);
    }
    await assertOthersConnected(crowds);
    const steps = await stepsOf(bench, [payer]);
    const delays = (word: string, version: number) =>
      ids.map((id) => (shown[`${id}${word}`] ?? Number.NaN) - (steps.get(`${id} ${version}`) ?? Number.NaN));
    const lines = [
      lineOf('created', delays('', CREATED), sockets),
      lineOf('completed', delays(' completed', COMPLETED), sockets),
    ];
    for (const { measured, detail } of lines) say(`  live: ${measured.toFixed(0)} ms (${detail})`);
    return lines;
  } finally {
    await browser.close();
    for (const crowd of crowds) crowd.end();
    await bench.end();
  }
};
