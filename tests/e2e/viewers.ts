import type { BrowserContext } from '@playwright/test';
import { ADMIN, CUSTOMER } from '../system/accounts.ts';
import { become, becomeNew, DECLINING_CARD, pay, SLOW_CARD } from './actions.ts';

/**
 * The accounts that look at the pages. The payer comes first, because one of its payments is pending for a
 * minute only; a visitor is signed out; a newcomer and the vendor have no payments; customer and admin are
 * demo accounts.
 */
export const VIEWERS = ['payer', 'visitor', 'newcomer', 'vendor', 'customer', 'admin'] as const;
export type Viewer = (typeof VIEWERS)[number];
/** The payer and the payments that the pages show, by id. */
export type Made = { email: string; completed: string; failed: string; pending: string };

const DESCRIPTION = 'Workshop in Lyon, second day, with interpreters for three languages';

/** Registers the payer and makes the payments that the views show. */
export const makePayments = async (context: BrowserContext, url: string): Promise<Made> => {
  const { email } = await becomeNew(context, url, { name: 'Petra Payer' });
  const completed = await pay(context, url, { amountMinor: 64_500, description: DESCRIPTION });
  const failed = await pay(context, url, { amountMinor: 9_900, card: DECLINING_CARD, currency: 'USD' });
  const slow = { card: SLOW_CARD, payee: 'tokyo@example.com' };
  const pending = await pay(context, url, { amountMinor: 12_480, currency: 'JPY', ...slow });
  return { email, completed: completed.id, failed: failed.id, pending: pending.id };
};

/** Signs the context in as a viewer. */
export const signInAs = async (
  context: BrowserContext,
  url: string,
  viewer: Viewer,
  made: Made,
): Promise<void> => {
  await context.clearCookies();
  if (viewer === 'customer') await become(context, url, CUSTOMER);
  if (viewer === 'admin') await become(context, url, ADMIN);
  if (viewer === 'newcomer') await becomeNew(context, url);
  if (viewer === 'vendor') await becomeNew(context, url, { name: 'Vic Vendor', role: 'VENDOR' });
  if (viewer !== 'payer') return;
  // From a second device too, so that there are several sign-ins.
  await become(context, url, made.email);
  await context.clearCookies();
  await become(context, url, made.email);
};
