import { randomUUID } from 'node:crypto';
import type { APIRequestContext, BrowserContext, Page } from '@playwright/test';
import type { User } from '../../shared/contracts/auth/auth.ts';
import type { Payment } from '../../shared/contracts/payments.ts';
import { PASSWORD, VENDOR, type Role } from '../system/accounts.ts';

const GOOD_CARD = 'pm_card_visa';
export const SLOW_CARD = 'pm_card_pending';
export const DECLINING_CARD = 'pm_card_chargeDeclined';

/** Answers no in each page of the context before it asks whether it may be measured. */
export const declineMeasuring = (context: BrowserContext): Promise<unknown> =>
  context.addInitScript(() => {
    if (location.protocol.startsWith('http')) localStorage.setItem('payloom-analytics', 'denied');
  });

/** A unique address; the part before the `@` has at most 64 characters. */
export const newEmail = (who: string): string =>
  `${who.slice(0, 40)}.${randomUUID().slice(0, 8)}@example.com`;

/** The API with the cookies of a browser context. */
type Api = {
  post<T>(path: string, body: object, headers?: Record<string, string>): Promise<T>;
  get<T>(path: string): Promise<T>;
};

export const apiOf = (request: APIRequestContext, url: string): Api => ({
  post: async <T>(path: string, data: object, headers: Record<string, string> = {}) => {
    const answer = await request.post(url + path, { data, headers: { origin: url, ...headers } });
    if (!answer.ok()) throw new Error(`POST ${path}: ${answer.status()} ${await answer.text()}`);
    return (answer.status() === 204 ? {} : await answer.json()) as T;
  },
  get: async <T>(path: string) => {
    const answer = await request.get(url + path);
    if (!answer.ok()) throw new Error(`GET ${path}: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()) as T;
  },
});

/** Registers an account over HTTP; the context's next page is signed in. */
export const becomeNew = async (
  context: BrowserContext,
  url: string,
  { name = 'Nora New', role = 'CUSTOMER' }: { name?: string; role?: Role } = {},
): Promise<User> => {
  const email = newEmail(name.split(' ')[0]?.toLowerCase() ?? 'person');
  const body = { email, password: PASSWORD, name, role };
  return (await apiOf(context.request, url).post<{ user: User }>('/api/auth/register', body)).user;
};

/** Signs an existing account in over HTTP. */
export const become = async (context: BrowserContext, url: string, email: string): Promise<User> => {
  const body = { email, password: PASSWORD };
  return (await apiOf(context.request, url).post<{ user: User }>('/api/auth/login', body)).user;
};

/** Registers an account over HTTP and signs it in on `count` other devices. */
export const becomeOnDevices = async (
  context: BrowserContext,
  url: string,
  another: () => Promise<Page>,
  count = 1,
): Promise<User> => {
  const user = await becomeNew(context, url);
  for (let device = 0; device < count; device++) {
    await become((await another()).context(), url, user.email);
  }
  return user;
};

type Order = { card?: string; amountMinor?: number; currency?: string; description?: string; payee?: string };

/** Makes a payment over HTTP. */
export const pay = (context: BrowserContext, url: string, order: Order = {}): Promise<Payment> => {
  const { card = GOOD_CARD, amountMinor = 1_234, currency = 'EUR', description, payee = VENDOR } = order;
  const body = { payee: { email: payee }, amountMinor, currency, paymentMethod: card, description };
  const key = { 'idempotency-key': randomUUID() };
  return apiOf(context.request, url).post<Payment>('/api/payments', body, key);
};

export const paymentsOf = async (context: BrowserContext, url: string): Promise<Payment[]> =>
  (await apiOf(context.request, url).get<{ items: Payment[] }>('/api/payments?limit=100')).items;

/** Fills in and submits the sign-in form. */
export const signIn = async (page: Page, email: string, password = PASSWORD): Promise<void> => {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
};

export const signOut = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Account of/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
};

/** Opens the filters of the list. */
export const openFilters = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Filters/ }).click();
  await page.getByLabel('Direction').waitFor();
};

/** Fills in the pay form up to its review. */
export const fillPayForm = async (
  page: Page,
  {
    vendor = VENDOR,
    amount = '12.34',
    card = 'Visa',
  }: { vendor?: string; amount?: string; card?: string } = {},
): Promise<void> => {
  await page.getByRole('combobox', { name: 'Vendor' }).fill(vendor);
  await page.getByRole('option', { name: vendor }).click();
  await page.getByRole('textbox', { name: 'Amount' }).fill(amount);
  await page.getByRole('combobox', { name: 'Currency' }).selectOption('EUR');
  await page.getByRole('radio', { name: card }).check();
  await page.getByRole('button', { name: 'Review payment' }).click();
};
