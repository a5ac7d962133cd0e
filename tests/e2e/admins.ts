import { expect, type BrowserContext, type Page } from '@playwright/test';
import type { User } from '../../shared/contracts/auth/auth.ts';
import { ADMIN, PASSWORD } from '../system/accounts.ts';
import { apiOf, become, newEmail } from './actions.ts';

/**
 * The administrator who asks for all others; the demo administrator approves, who depends on nobody (an
 * administrator who gave another one a link does not get that one's approval for a week).
 */
const SECOND = 'second.admin@example.com';

type Issued = { user: User; link: string };

const setPassword = (context: BrowserContext, url: string, link: string) =>
  apiOf(context.request, url).post('/api/auth/password-link/password', {
    token: link.split('#')[1],
    newPassword: PASSWORD,
  });

/** Makes the second administrator, once for all tests; another worker may be doing it at the same time. */
const ensureSecond = async (context: BrowserContext, url: string): Promise<void> => {
  await become(context, url, ADMIN);
  const api = apiOf(context.request, url);
  const stateNow = async (): Promise<string | undefined> =>
    (await api.get<{ items: { state: string }[] }>(`/api/admin/users?q=${SECOND}`)).items[0]?.state;
  if ((await stateNow()) === undefined) {
    const invitation = { email: SECOND, name: 'Sam Second', role: 'ADMIN', reason: 'For these tests' };
    const issued = await api.post<Issued>('/api/admin/users', invitation).catch(() => null);
    if (issued) await setPassword(context, url, issued.link);
  }
  await expect.poll(stateNow).toBe('active');
};

/** A new administrator of that name, signed in in a browser context of its own. */
export const openAdmin = async (another: () => Promise<Page>, url: string, name: string) => {
  const page = await another();
  const context = page.context();
  await ensureSecond(context, url);
  const email = newEmail(name.split(' ')[0]?.toLowerCase() ?? 'admin');
  await become(context, url, SECOND);
  const data = { email, name, role: 'ADMIN', reason: 'For this test' };
  await context.request.post(`${url}/api/admin/users`, { data, headers: { origin: url } });
  await become(context, url, ADMIN);
  const api = apiOf(context.request, url);
  const { items } = await api.get<{ items: { id: string; email: string }[] }>(
    '/api/admin/approvals?limit=100',
  );
  const request = items.find((one) => one.email === email);
  const approved = await api.post<{ issued: { link: string } }>(
    `/api/admin/approvals/${request?.id}/approve`,
    {
      reason: 'For this test',
    },
  );
  await setPassword(context, url, approved.issued.link);
  const { id } = await become(context, url, email);
  return { page, context, id, email, name, api };
};

/** Waits until the page's socket is connected. */
export const live = (page: Page) => page.locator('[data-live=connected]').waitFor({ state: 'attached' });
