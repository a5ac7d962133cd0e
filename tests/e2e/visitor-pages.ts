import { CUSTOMER } from '../system/accounts.ts';
import { goTo, pressed, type View } from './view.ts';
import type { Made } from './viewers.ts';

/** The pages that are shown without a session. */
export const VISITOR_VIEWS: readonly View[] = [
  { name: 'sign-in', viewer: 'visitor', open: goTo('/sign-in', 'Sign in') },
  {
    name: 'sign-in-refused',
    viewer: 'visitor',
    open: goTo('/sign-in', 'Sign in', async (page) => {
      await page.getByLabel('E-mail address').fill(CUSTOMER);
      await page.getByLabel('Password', { exact: true }).fill('not the password');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').waitFor();
    }),
  },
  { name: 'sign-up', viewer: 'visitor', open: goTo('/sign-up', 'Create an account') },
  {
    name: 'sign-up-errors',
    viewer: 'visitor',
    open: goTo('/sign-up', 'Create an account', pressed('Create account')),
  },
  {
    name: 'set-password',
    viewer: 'visitor',
    open: async (page) => {
      const link = { kind: 'invitation', email: 'iva@example.com', name: 'Iva Invited' };
      await page.route('**/api/auth/password-link', (route) =>
        route.fulfill({ json: { ...link, expiresAt: new Date(Date.now() + 86_400_000).toISOString() } }),
      );
      // Another page first: a fragment alone loads no page.
      await page.goto('/sign-in');
      await goTo('/set-password#pl_x', 'Welcome, Iva Invited')(page, {} as Made);
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'set-password-used',
    viewer: 'visitor',
    open: goTo('/set-password#pl_no', 'This link no longer works'),
  },
  {
    name: 'api-docs',
    viewer: 'visitor',
    open: goTo('/api/docs', 'Payloom API', (page) =>
      page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true))),
    ),
  },
  { name: 'not-found', viewer: 'visitor', open: goTo('/no/such/page', 'There is no page at this address') },
];
