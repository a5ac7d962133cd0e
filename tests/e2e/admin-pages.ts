import { EXPERIENCE } from './experience.ts';
import { withLetters } from './letters.ts';
import { ADMIN_USER_VIEWS } from './admin-user-pages.ts';
import { goTo, pressed, problem, type View } from './view.ts';

/** The pages of administrators. */
export const ADMIN_VIEWS: readonly View[] = [
  ...ADMIN_USER_VIEWS,
  { name: 'overview', viewer: 'admin', open: goTo('/admin', 'Overview') },
  {
    name: 'overview-account',
    viewer: 'admin',
    open: goTo('/admin', 'Overview', pressed(/^Account of/)),
  },
  {
    name: 'experience',
    viewer: 'admin',
    open: async (page) => {
      await page.route('**/api/admin/experience?*', (route) => route.fulfill({ json: EXPERIENCE }));
      await page.goto('/admin/experience');
      await page.getByText('needs improvement').first().waitFor();
      await page.getByText('The days as a table').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'experience-empty',
    viewer: 'admin',
    open: async (page) => {
      const none = { ...EXPERIENCE, pages: [], routes: [] };
      await page.route('**/api/admin/experience?*', (route) => route.fulfill({ json: none }));
      await page.goto('/admin/experience');
      await page.getByText('Nothing was measured').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'micro-frontends',
    viewer: 'admin',
    open: goTo('/admin/micro-frontends', 'Micro-frontends', async (page) => {
      await page.getByText('Complete').nth(3).waitFor();
    }),
  },
  {
    name: 'audit',
    viewer: 'admin',
    open: goTo('/admin/audit', 'Audit log', (page) => page.getByText('signed in').first().waitFor()),
  },
  {
    name: 'audit-entry',
    viewer: 'admin',
    open: goTo('/admin/audit?action=auth.session-started', 'Audit log', async (page) => {
      await page
        .getByRole('button', { name: /signed in/ })
        .first()
        .click();
      await page.getByText('Network address').last().waitFor();
    }),
  },
  {
    name: 'audit-filters',
    viewer: 'admin',
    open: goTo('/admin/audit?q=xy&from=2026-11-02&to=2026-11-01&address=203.0.113.7', 'No entry matches'),
  },
  {
    name: 'audit-error',
    viewer: 'admin',
    open: async (page) => {
      await page.route('**/api/admin/audit?*', (route) =>
        route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }),
      );
      await page.goto('/admin/audit');
      await page.getByRole('alert').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'configuration',
    viewer: 'admin',
    open: goTo('/admin/configuration', 'Configuration', (page) =>
      page.getByRole('switch', { name: 'New payments' }).waitFor(),
    ),
  },
  {
    name: 'configuration-stop',
    viewer: 'admin',
    open: goTo('/admin/configuration', 'Configuration', async (page) => {
      await page.getByRole('switch', { name: 'New payments' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop payments' }).click();
      await page.getByText('Fill this in.').waitFor();
    }),
  },
  {
    name: 'configuration-amounts',
    viewer: 'admin',
    open: goTo('/admin/configuration', 'Configuration', async (page) => {
      await page.getByRole('button', { name: 'Change the largest amounts' }).click();
      await page.getByRole('dialog').getByLabel('Add a currency').selectOption('EUR');
      await page.getByRole('dialog').getByRole('button', { name: 'Save amounts' }).click();
      await page.getByText('Fill this in, or remove the currency.').waitFor();
    }),
  },
  {
    name: 'system',
    viewer: 'admin',
    open: goTo('/admin/system', 'System', (page) =>
      page.getByRole('heading', { name: 'realtime' }).waitFor(),
    ),
  },
  {
    name: 'system-error',
    viewer: 'admin',
    open: async (page) => {
      await page.route('**/api/admin/system', (route) =>
        route.fulfill({ status: 500, contentType: 'application/problem+json', json: problem }),
      );
      await page.goto('/admin/system');
      await page.getByRole('alert').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'dead-letters-none',
    viewer: 'admin',
    open: goTo('/admin/dead-letters', 'No dead letters'),
  },
  {
    name: 'dead-letters',
    viewer: 'admin',
    open: async (page) => {
      await withLetters(page);
      await page.goto('/admin/dead-letters?service=realtime');
      await page.getByLabel('Select all on this page').check();
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'dead-letters-replay',
    viewer: 'admin',
    open: async (page) => {
      await withLetters(page);
      await page.goto('/admin/dead-letters');
      await page.getByLabel('Select all on this page').check();
      await page.getByRole('button', { name: /^Replay…/ }).click();
      await page.getByRole('dialog').getByLabel('Reason').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
  {
    name: 'dead-letter',
    viewer: 'admin',
    open: async (page) => {
      await withLetters(page);
      await page.goto('/admin/dead-letters/realtime%3Aevt_1');
      await page.getByText('"refreshToken"').waitFor();
    },
    leave: (page) => page.unrouteAll(),
  },
];
