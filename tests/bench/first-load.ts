// P9: the first load of a page on a phone, against the same pages built as one Svelte application.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright';
import { CUSTOMER, PASSWORD } from '../system/accounts.ts';
import { CHROMIUM } from '../system/chromium.ts';
import { root } from '../system/embedded-instance.ts';
import { median } from '../system/statistics.ts';
import type { Quiet } from './machine.ts';
import { BENCH_ENV, makeFolder, startInstance } from './instances.ts';
import { measureUse } from './page-use.ts';
import { phoneOf, slowDown, type Site } from './phone.ts';
import type { Line } from './table.ts';

export type LoadOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const SPA_FOLDER = join(root, 'dist/bench-spa');
const SETTLE_MS = 1_500;

type Visit = {
  /** All that a visit loads, also what the browser reads for later when it is idle. */
  scriptBytes: number;
  repeatBytes: number;
  lcpMs: number;
  tbtMs: number;
  cls: number;
};
/** `kb`: script of a first visit; `bytes`: against one application. */
type Goals = { kb: number; bytes: number };
type PageKind = {
  name: string;
  path: string;
  signedIn: boolean;
  goals: Goals;
  usable: (page: Page) => Promise<void>;
};

const PAGES: readonly PageKind[] = [
  {
    name: 'sign-in page',
    path: '/sign-in',
    signedIn: false,
    goals: { kb: 52, bytes: 1.15 },
    usable: (page) => page.getByRole('button', { name: 'Sign in' }).waitFor(),
  },
  {
    name: 'payments page',
    path: '/payments',
    signedIn: true,
    goals: { kb: 62, bytes: 1.05 },
    usable: (page) => page.locator('main a[href^="/payments/pay_"]:visible').first().waitFor(),
  },
];

type Seen = { lcpMs: number; cls: number; fcpMs: number; longMs: [start: number, duration: number][] };

/** Runs in the page before its scripts. */
const observe = (): void => {
  const seen: Seen = { lcpMs: 0, cls: 0, fcpMs: 0, longMs: [] };
  Object.assign(window, { seen });
  const watch = (type: string, take: (entry: PerformanceEntry) => void) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  watch('largest-contentful-paint', ({ startTime }) => (seen.lcpMs = startTime));
  watch('paint', ({ name, startTime }) => name === 'first-contentful-paint' && (seen.fcpMs = startTime));
  watch('longtask', ({ startTime, duration }) => seen.longMs.push([startTime, duration]));
  watch('layout-shift', (entry) => {
    const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!shift.hadRecentInput) seen.cls += shift.value;
  });
};

type Loaded = () => { bytes: number; files: number };

/**
 * Counts the bytes of scripts on the network, lazy and preloaded ones included; a script from a cache or a
 * 304 counts as 0.
 */
const countScripts = async (page: Page): Promise<Loaded> => {
  const session = await slowDown(page);
  const lengths = new Map<string, number>();
  const unsent = new Set<string>();
  session.on('Network.requestServedFromCache', ({ requestId }) => void unsent.add(requestId));
  // The other event reports a 304 as the cached 200.
  session.on('Network.responseReceivedExtraInfo', ({ requestId, statusCode }) => {
    if (statusCode !== 200) unsent.add(requestId);
  });
  session.on('Network.responseReceived', ({ requestId, response }) => {
    if (!/javascript/.test(response.mimeType) || response.fromDiskCache || response.fromServiceWorker) return;
    const length = Object.entries(response.headers).find(([name]) => name.toLowerCase() === 'content-length');
    lengths.set(requestId, Number(length?.[1] ?? 0));
  });
  return () => {
    const sent = [...lengths].filter(([requestId]) => !unsent.has(requestId));
    return { bytes: sent.reduce((sum, [, length]) => sum + length, 0), files: sent.length };
  };
};

const look = async (
  context: BrowserContext,
  site: Site,
  kind: PageKind,
): Promise<{ seen: Seen; loaded: ReturnType<Loaded> }> => {
  const page = await context.newPage();
  await page.addInitScript(observe);
  const loaded = await countScripts(page);
  await page.goto(site.url + kind.path, { waitUntil: 'commit', timeout: 60_000 });
  await kind.usable(page);
  await page.waitForLoadState('networkidle');
  await page.waitForTimeout(SETTLE_MS);
  const seen = await page.evaluate(() => (window as unknown as { seen: Seen }).seen);
  const counted = loaded();
  await page.close();
  return { seen, loaded: counted };
};

/** A first and a second visit in the same profile. */
const visit = async (browser: Browser, site: Site, kind: PageKind): Promise<Visit> => {
  const context = await phoneOf(browser, site, kind.signedIn);
  try {
    const { seen, loaded } = await look(context, site, kind);
    const again = await look(context, site, kind);
    const blocking = seen.longMs.filter(([startMs]) => startMs >= seen.fcpMs);
    return {
      scriptBytes: loaded.bytes,
      repeatBytes: again.loaded.bytes,
      lcpMs: seen.lcpMs,
      tbtMs: blocking.reduce((sum, [, durationMs]) => sum + durationMs - 50, 0),
      cls: seen.cls,
    };
  } finally {
    await context.close();
  }
};

/** The scripts that a first visit needs: what is loaded before the browser is idle. */
const needsOf = async (browser: Browser, site: Site, kind: PageKind): Promise<ReturnType<Loaded>> => {
  const context = await phoneOf(browser, site, kind.signedIn);
  try {
    await context.addInitScript(() => {
      globalThis.requestIdleCallback = () => 0;
    });
    return (await look(context, site, kind)).loaded;
  } finally {
    await context.close();
  }
};

const signIn = async (browser: Browser, url: string): Promise<Site> => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail address').fill(CUSTOMER);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/payments/);
  const state = await context.storageState();
  await context.close();
  return { url, state };
};

const build = (script: string, ...args: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${script} failed:\n${errors}`)),
    );
  });

type Measurement = { visits: readonly Visit[]; needs: ReturnType<Loaded> };

const linesOf = ({ name, goals }: PageKind, ours: Measurement, theirs: Measurement): Line[] => {
  const of = ({ visits }: Measurement, key: keyof Visit) => median(visits.map((one) => one[key]));
  const kb = ({ needs }: Measurement) => needs.bytes / 1024;
  const line = (
    what: string,
    measured: number,
    [goal, floor]: [number | null, number | null],
    unit: Line['unit'],
    detail?: string,
  ): Line => ({ measure: `P9 ${name}: ${what}`, goal, floor, measured, unit, ...(detail ? { detail } : {}) });
  const files = `${ours.needs.files} against ${theirs.needs.files} files`;
  const pair = (key: 'lcpMs' | 'tbtMs') =>
    `${Math.round(of(ours, key))} against ${Math.round(of(theirs, key))} ms`;
  const later = (of(ours, 'scriptBytes') - ours.needs.bytes) / 1024;
  return [
    line('script, brotli', kb(ours), [goals.kb, 100], 'KB', files),
    line(
      'script against one application',
      kb(ours) / kb(theirs),
      [goals.bytes, 2],
      '×',
      `${kb(theirs).toFixed(1)} KB there`,
    ),
    line(
      'LCP against one application',
      of(ours, 'lcpMs') / of(theirs, 'lcpMs'),
      [1, 1.8],
      '×',
      pair('lcpMs'),
    ),
    line('TBT', of(ours, 'tbtMs'), [0.6 * of(theirs, 'tbtMs'), null], 'ms', pair('tbtMs')),
    line(
      'CLS',
      Math.round(of(ours, 'cls') * 1_000) / 1_000,
      [0, null],
      '',
      `${of(theirs, 'cls').toFixed(3)} there`,
    ),
    line('script that is read when idle', later, [null, null], 'KB'),
    line('script of a repeat visit', of(ours, 'repeatBytes') / 1024, [0, null], 'KB'),
  ];
};

const useLines = async (browser: Browser, sites: readonly [Site, Site]): Promise<Line[]> => {
  const ours = await measureUse(browser, sites[0]);
  const theirs = await measureUse(browser, sites[1]);
  const line = (what: string, key: keyof typeof ours, goal: number, floor: number): Line => ({
    measure: `P9 ${what}`,
    ...{ goal, floor, measured: ours[key], unit: 'ms', detail: `${Math.round(theirs[key])} ms there` },
  });
  return [
    line('another page, the first time', 'firstMs', 100, 400),
    line('another page, later', 'laterMs', 100, 400),
    line('INP on a list of 100 rows', 'inpMs', 150, 500),
  ];
};

/** Bytes, LCP, TBT and CLS of the first page, signed out and signed in; then how pages follow and answer. */
export const measureFirstLoad = async (port: number, { quick, quiet, say }: LoadOptions): Promise<Line[]> => {
  await build('scripts/build-mfes.ts');
  await build('tests/bench/spa/build.ts', SPA_FOLDER);
  const env = { ...BENCH_ENV, DEMO_DATA: 'true' };
  const ours = await startInstance({ port, dataFolder: makeFolder(), env });
  const spaEnv = { ...env, GATEWAY_WEB_FOLDER: SPA_FOLDER };
  const theirs = await startInstance({ port: port + 100, dataFolder: makeFolder(), env: spaEnv });
  const browser = await chromium.launch(CHROMIUM);
  try {
    const sites = [await signIn(browser, ours.url), await signIn(browser, theirs.url)] as const;
    const lines: Line[] = [];
    for (const kind of PAGES) {
      await quiet.check(`P9 ${kind.name}`);
      const visits: [Visit[], Visit[]] = [[], []];
      for (let round = 0; round < (quick ? 1 : 3); round++) {
        for (const which of [0, 1, 1, 0] as const)
          visits[which].push(await visit(browser, sites[which], kind));
      }
      const [mine, other] = [await needsOf(browser, sites[0], kind), await needsOf(browser, sites[1], kind)];
      const [own, one] = visits;
      lines.push(...linesOf(kind, { visits: own, needs: mine }, { visits: one, needs: other }));
      say(`  P9 ${kind.name}: ${lines.at(-5)?.detail}`);
    }
    await quiet.check('P9 use');
    return [...lines, ...(await useLines(browser, sites))];
  } finally {
    await browser.close();
    rmSync(SPA_FOLDER, { recursive: true, force: true });
    await ours.stop();
    await theirs.stop();
  }
};
