import type { BrowserContext, Page } from '@playwright/test';
import sharp from 'sharp';
import { ADMIN } from '../system/accounts.ts';
import { apiOf, become, becomeNew, pay, SLOW_CARD } from './actions.ts';
import { expect, heading, test, withoutMessages } from './spec.ts';

type Asked = { kind: string; query: string; variables: Record<string, unknown> };

/** The requests of a page for payments, their records and avatars, in order. */
const askedBy = (page: Page): Asked[] => {
  const asked: Asked[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (!/^\/api\/(?:graphql|payments|avatars$|admin\/audit)/.test(pathname)) return;
    const variables = JSON.parse(searchParams.get('variables') ?? '{}') as Asked['variables'];
    const kind = `${request.method()} ${pathname}`;
    asked.push({ kind, query: searchParams.get('query') ?? '', variables });
  });
  return asked;
};
const kindsOf = (asked: readonly Asked[]) => asked.map(({ kind }) => kind);
const QUERY = 'GET /api/graphql';

const timeline = (page: Page) => page.getByRole('heading', { name: 'Timeline' });

/** Pays and waits until the payment has ended. */
const payToTheEnd = async (context: BrowserContext, url: string): Promise<string> => {
  const { id } = await pay(context, url);
  const api = apiOf(context.request, url);
  const status = async () => (await api.get<{ status: string }>(`/api/payments/${id}`)).status;
  await expect.poll(status).toBe('completed');
  return id;
};

test('the page of a payment asks once for the payment, its history and the avatars of its parties', async ({
  page,
  context,
  url,
}) => {
  const user = await becomeNew(context, url);
  const image = sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } });
  const data = await image.png().toBuffer();
  const headers = { origin: url, 'content-type': 'image/png' };
  const sent = await context.request.put(`${url}/api/profile/avatar`, { data, headers });
  expect(sent.status()).toBe(204);
  const id = await payToTheEnd(context, url);

  await withoutMessages(page);
  const asked = askedBy(page);
  await page.goto(`/payments/${id}`);
  await expect(timeline(page)).toBeVisible();
  const avatar = page.getByRole('main').locator(`img[src^="/api/avatars/${user.id}?v="]`);
  await expect(avatar).toHaveJSProperty('complete', true);
  await page.waitForLoadState('networkidle');
  expect(kindsOf(asked)).toEqual([QUERY]);
  expect(asked[0]?.variables).toEqual({ id, withAvatars: true });
});

test('while a payment moves, its page asks again for the payment alone, and keeps the avatars', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  const { id } = await pay(context, url, { card: SLOW_CARD });
  await withoutMessages(page);
  const asked = askedBy(page);
  await page.goto(`/payments/${id}`);
  await expect.poll(() => asked.length).toBeGreaterThan(2);
  expect(new Set(kindsOf(asked))).toEqual(new Set([QUERY]));
  expect(asked.slice(0, 3).map(({ variables }) => variables['withAvatars'])).toEqual([true, false, false]);
  await page.getByRole('button', { name: 'Cancel payment' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel payment' }).click();
  await expect(page.getByRole('main').getByText('Cancelled by the payer')).toBeVisible();
});

test('an administrator asks once more, for all records', async ({ page, context, url, another }) => {
  const other = await another();
  await becomeNew(other.context(), url);
  const id = await payToTheEnd(other.context(), url);
  await become(context, url, ADMIN);
  await withoutMessages(page);
  const asked = askedBy(page);
  await page.goto(`/payments/${id}`);
  await expect(page.getByRole('heading', { name: 'Ledger' })).toBeVisible();
  await expect(page.getByRole('main').getByText('payments.created')).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(kindsOf(asked)).toEqual([QUERY, QUERY]);
  expect(asked.map(({ query }) => /paymentsRecords.*adminAuditEntries/.test(query))).toEqual([false, true]);
});

test('a refusal is shown with its request, and what comes after it without a reload', async ({
  page,
  context,
  url,
}) => {
  await becomeNew(context, url);
  const { id } = await pay(context, url);
  const extensions = { code: 'unavailable', status: 503, requestId: 'request-of-the-refusal' };
  const errors = [{ message: 'not now', path: ['paymentsGet'], extensions }];
  await withoutMessages(page);
  await page.route('**/api/graphql?*', (route) =>
    route.fulfill({ json: { data: { paymentsGet: null }, errors } }),
  );
  await page.goto(`/payments/${id}`);
  const card = page.getByRole('alert').filter({ hasText: 'The payment could not be shown' });
  await expect(card.getByText('request-of-the-refusal')).toBeVisible();
  await page.unroute('**/api/graphql?*');
  await card.getByRole('button', { name: 'Try again' }).click();
  await expect(timeline(page)).toBeVisible();
});

test('no other page loads what asks GraphQL', async ({ page, context, url }) => {
  await becomeNew(context, url);
  const { id } = await pay(context, url);
  await page.addInitScript(() => {
    globalThis.requestIdleCallback = () => 0;
  });
  const scripts: Promise<string>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.text());
  });
  const hasClient = async () => (await Promise.all(scripts)).some((text) => text.includes('/api/graphql'));
  for (const [path, title] of [
    ['/payments', 'Payments'],
    ['/payments/new', 'Pay'],
  ] as const) {
    await page.goto(path);
    await expect(heading(page, title)).toBeVisible();
    await page.waitForLoadState('networkidle');
  }
  expect(await hasClient()).toBe(false);
  await page.goto(`/payments/${id}`);
  await expect(timeline(page)).toBeVisible();
  expect(await hasClient()).toBe(true);
});
