import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { ReportTarget } from '../../broker/process/sentry-settings.ts';
import { connectSources, serverTiming } from '../../services/gateway/web/report-headers.ts';
import { PASSWORD } from '../system/accounts.ts';
import { root } from '../system/embedded-instance.ts';
import { apiOf, becomeNew, pay, signIn } from './actions.ts';
import { expect, heading, test } from './spec.ts';

type Frame = { filename: string; lineno: number; colno: number };
type Report = {
  release: string;
  environment: string;
  tags: Record<string, string>;
  user?: object;
  contexts: { trace?: { trace_id: string } };
  exception: { values: { type: string; value: string; stacktrace: { frames?: Frame[] } }[] };
};

const NOTE = 'Sentinel-Note-of-a-payment';
const LAST = /last of all/;
const bodies: string[] = [];
/** The events among all that a server of Sentry's protocol has received. */
const reports = (): Report[] =>
  bodies.flatMap((body) => {
    const lines = body.split('\n');
    return lines.flatMap((line, index) =>
      line.startsWith('{"type":"event"') ? [JSON.parse(lines[index + 1] ?? '{}') as Report] : [],
    );
  });
const thrown = ({ exception }: Report) => exception.values.at(-1)?.value;

const target: ReportTarget = { dsn: 'https://key@errors.test/7', environment: 'acceptance' };

// One worker, because all share what was received.
test.describe.configure({ mode: 'default' });
test.beforeEach(async ({ context }) => {
  bodies.splice(0);
  await context.route('https://errors.test/**', async (route) => {
    bodies.push(route.request().postData() ?? '');
    await route.fulfill({ json: {}, headers: { 'access-control-allow-origin': '*' } });
  });
});

const isSentry = (response: { url(): string }) => /assets\/sentry-[\w-]+\.js$/.test(response.url());

/** Opens a page as a gateway with SENTRY_BROWSER_DSN serves it, and waits for what sends reports. */
const openReporting = async (page: Page, path: string) => {
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      if (route.request().resourceType() !== 'document') return route.fallback();
      const response = await route.fetch();
      const { 'content-security-policy': policy = '', ...headers } = response.headers();
      await route.fulfill({
        response,
        headers: {
          ...headers,
          'content-security-policy': policy.replace(
            "connect-src 'self'",
            `connect-src ${connectSources(target)}`,
          ),
          'server-timing': serverTiming(target),
        },
      });
    },
  );
  const loaded = page.waitForResponse(isSentry);
  await page.goto(path);
  return loaded;
};

/** What has arrived before an error of our own, which is the last one. */
const received = async (page: Page): Promise<Report[]> => {
  await page.evaluate(() => void Promise.reject(new Error('last of all')));
  await expect.poll(() => reports().map(thrown)).toContain('last of all');
  return reports().filter((one) => thrown(one) !== 'last of all');
};

/** The source file of a frame, by the maps that are uploaded. */
const sourceOf = ({ filename, lineno, colno }: Frame): string => {
  const map = join(root, 'dist/source-maps', `${new URL(filename).pathname}.map`);
  const payload = JSON.parse(readFileSync(map, 'utf8')) as SourceMapPayload;
  const entry = new SourceMap(payload).findEntry(lineno - 1, colno - 1);
  return 'originalSource' in entry ? entry.originalSource : '';
};

test('nothing is loaded before the first paint, and nothing at all without an address', async ({ page }) => {
  const script = new URL((await openReporting(page, '/sign-in')).url());
  const times = await page.evaluate((path) => {
    const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity;
    const file = performance.getEntriesByType('resource').find(({ name }) => name.endsWith(path));
    return { painted, asked: file?.startTime ?? 0 };
  }, script.pathname);
  expect(times.asked).toBeGreaterThan(times.painted);

  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  const answer = await page.goto('/sign-up');
  expect(await answer?.headerValue('server-timing')).toBe('development');
  expect(await answer?.headerValue('content-security-policy')).toContain("connect-src 'self';");
  await expect.poll(() => asked.some((one) => /Measuring-/.test(one))).toBe(true);
  await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
  expect(asked.filter((one) => /sentry/i.test(one))).toEqual([]);
});

test('a broken answer breaks a page inside its boundary: once, with all that is known of it', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors = [/undefined/, LAST];
  const user = await becomeNew(context, url, { name: 'Sentinel Name' });
  const { id } = await pay(context, url, { description: NOTE });
  // Over REST it is asked by the version before, if there is one, to which the shell turns.
  await page.route(/\/api\/(?:graphql\?|payments\/pay_)/, async (route) => {
    const response = await route.fetch();
    const withoutPayee = (key: string, value: unknown) => (key === 'payee' ? undefined : value);
    await route.fulfill({ response, json: JSON.parse(await response.text(), withoutPayee) as unknown });
  });
  const traces: string[] = [];
  const requests: string[] = [];
  page.on('response', (response) => {
    traces.push(response.request().headers()['traceparent']?.split('-')[1] ?? '');
    requests.push(response.headers()['x-request-id'] ?? '');
  });
  await openReporting(page, `/payments/${id}`);
  await expect(page.getByRole('alert').getByText('This page did not load')).toBeVisible();
  const [report, ...others] = await received(page);
  expect(others).toEqual([]);
  const { remotes } = (await (await page.request.get('/mfes/manifest.json')).json()) as {
    remotes: Record<string, { version: string }>;
  };
  expect(report).toMatchObject({
    release: expect.stringMatching(/^payloom@\d/) as unknown as string,
    environment: 'acceptance',
    user: { id: user.id },
    tags: {
      service: 'web',
      page: '/payments/:id',
      remote: 'payments',
      remote_version: remotes['payments']?.version,
    },
  });
  expect(traces).toContain(report?.contexts.trace?.trace_id);
  expect(requests).toContain(report?.tags['request_id']);
  expect(bodies.join('\n')).toContain('"infer_ip":"never"');
  const frames = report?.exception.values.at(-1)?.stacktrace.frames ?? [];
  const own = frames.filter(({ filename }) => filename.includes('/mfes/payments/'));
  expect(own.map(sourceOf).join('\n')).toMatch(/mfes\/payments\/src\/.*\.svelte/);
  for (const secret of [user.email, user.name, NOTE, PASSWORD, id])
    expect(bodies.join('\n')).not.toContain(secret);
});

test('an error of an event handler, of an effect, and a rejection each arrive once', async ({
  page,
  expected,
}) => {
  expected.errors = [/broken on purpose/, /nobody handles/, LAST];
  await openReporting(page, '/sign-up');
  await page.evaluate(() => {
    window.matchMedia = () => {
      throw new Error('effect broken on purpose');
    };
  });
  await page.getByRole('link', { name: 'Sign in' }).first().click();
  await expect.poll(() => reports().map(thrown)).toEqual(['effect broken on purpose']);
  await page.evaluate(() => {
    history.pushState = () => {
      throw new Error('handler broken on purpose');
    };
  });
  await page.getByRole('link', { name: 'Payloom' }).first().click();
  await expect.poll(() => reports().length).toBe(2);
  await page.evaluate(() => {
    const secret = 'x'.repeat(40);
    void Promise.reject(new Error(`nobody handles ada@example.com and ${secret}`));
  });
  await expect.poll(() => reports().length).toBe(3);
  const all = await received(page);
  expect(all.map((one) => [one.tags['remote'], thrown(one)])).toEqual([
    ['auth', 'effect broken on purpose'],
    ['shell', 'handler broken on purpose'],
    ['shell', 'nobody handles [removed] and [removed]'],
  ]);
});

test('a remote that does not load arrives once, as that remote', async ({ page, context, url, expected }) => {
  expected.errors = [/did not load/, LAST];
  await becomeNew(context, url);
  await page.route('**/mfes/profile/**', (route) => route.abort());
  await openReporting(page, '/settings/profile');
  await expect(page.getByRole('alert').getByText('This page did not load')).toBeVisible();
  const all = await received(page);
  expect(all.map((one) => [one.tags['remote'], thrown(one)])).toEqual([
    ['profile', 'remote profile did not load'],
  ]);
});

test('a page of a remote that does not load arrives once, as that remote', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors = [/remote payments did not load/, LAST];
  await becomeNew(context, url);
  await page.route('**/mfes/payments/**/PayPage-*', (route) => route.abort());
  await openReporting(page, '/payments/new');
  await expect(page.getByRole('alert').getByText('This page did not load')).toBeVisible();
  const all = await received(page);
  expect(all.map(({ tags }) => [tags['remote'], tags['page']])).toEqual([['payments', '/payments/new']]);
});

test('a part of a page that does not load arrives once, also where other words take its place', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors = [/Unable to preload CSS/, LAST];
  await becomeNew(context, url);
  await page.route('**/assets/NotificationCentre-*', (route) => route.abort());
  await openReporting(page, '/payments');
  await page.getByRole('button', { name: /^Notifications/ }).click();
  await expect(page.getByRole('alert').getByText('The notifications did not load')).toBeVisible();
  const all = await received(page);
  expect(all.map(({ tags }) => [tags['remote'], tags['page']])).toEqual([['shell', '/payments']]);
});

test('what is expected is not reported: refusals, calls that are given up, being offline', async ({
  page,
  context,
  url,
  expected,
}) => {
  expected.errors = [LAST, /while offline/, /dynamically imported module/];
  const { email } = await becomeNew(context, url);
  await apiOf(context.request, url).post('/api/auth/logout', {});
  await openReporting(page, '/sign-in');
  await signIn(page, email, 'a-wrong-password-1');
  await expect(page.getByRole('alert').first()).toBeVisible();
  await signIn(page, email);
  await expect(heading(page, 'Payments')).toBeVisible();
  await page.goto('/payments', { waitUntil: 'commit' });
  await openReporting(page, '/payments');
  await expect(heading(page, 'Payments')).toBeVisible();
  await context.setOffline(true);
  await page.evaluate(() => void Promise.reject(new Error('while offline')));
  await page.getByRole('link', { name: 'Pay', exact: true }).first().click();
  await expect(page.getByRole('alert').first()).toBeVisible();
  await context.setOffline(false);
  expect(await received(page)).toEqual([]);
});

test('source maps are built beside the pages and not served', async ({ page }) => {
  const scripts = readdirSync(join(root, 'dist/web'), { recursive: true, encoding: 'utf8' });
  expect(scripts.filter((file) => file.includes('.map'))).toEqual([]);
  const served = scripts.filter((file) => file.endsWith('.js') && file.includes('/'));
  const missing = served.filter((file) => !existsSync(join(root, 'dist/source-maps', `${file}.map`)));
  expect(missing.filter((file) => !file.endsWith('remoteEntry.js'))).toEqual([]);
  const main = served.find((file) => /^assets\/index-/.test(file));
  expect((await page.request.get(`/${main}.map`)).status()).toBe(404);
  expect(await (await page.request.get(`/${main}`)).text()).not.toContain('sourceMappingURL');
});
