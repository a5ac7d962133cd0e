import type { Page } from '@playwright/test';
import { CUSTOMER } from '../system/accounts.ts';
import { goTo, pressed, shown, type Open, type View } from './view.ts';

/** Other tests make users meanwhile: any may be on the first page. */
const rows: Open = (page) => page.locator('main a[href^="/admin/users/usr_"]').first().waitFor();

const customer =
  (then: Open = async () => {}): Open =>
  async (page, made) => {
    await page.goto(`/admin/users?q=${encodeURIComponent(CUSTOMER)}`);
    await page.getByRole('link', { name: 'Carl Customer' }).click();
    await shown(page, 'Sessions');
    await then(page, made);
  };
const asked =
  (name: string): Open =>
  async (page, made) => {
    await pressed(name)(page, made);
    await page.getByRole('dialog').waitFor();
  };

const request = {
  id: 'apr_01909d2c5b1a7c3e9f00000000000001',
  act: 'setRole',
  userIds: null,
  users: null,
  setting: null,
  userId: 'usr_01909d2c5b1a7c3e9f00000000000002',
  email: 'bob@example.com',
  name: 'Bob Builder',
  role: 'ADMIN',
  requestedBy: 'usr_01909d2c5b1a7c3e9f00000000000003',
  requesterName: 'Berta Admin',
  reason: 'Takes over the shift of Berta, who is on holiday from Monday on, as agreed in the meeting',
  requestedAt: '2026-11-23T09:30:00.000Z',
  expiresAt: '2126-11-24T09:30:00.000Z',
  outcome: 'waiting',
  decidedBy: null,
  deciderName: null,
  decidedAt: null,
};
const decided = {
  ...request,
  outcome: 'rejected',
  decidedBy: request.requestedBy,
  deciderName: 'Cleo Admin',
  decidedAt: '2026-11-23T10:30:00.000Z',
};

/** One administrator alone has no requests: the answer is another one's. */
const requests =
  (items: object[], then: Open = async () => {}): Open =>
  async (page, made) => {
    await page.route('**/api/admin/approvals?*', (route) =>
      route.fulfill({ json: { items, nextCursor: null } }),
    );
    await goTo('/admin/approvals', 'Make Bob Builder an administrator', then)(page, made);
  };
const unroute = (page: Page) => page.unrouteAll();

/** The pages of administrators for users. */
export const ADMIN_USER_VIEWS: readonly View[] = [
  { name: 'users', viewer: 'admin', open: goTo('/admin/users', 'Users', rows) },
  {
    name: 'users-selected',
    viewer: 'admin',
    open: goTo('/admin/users?role=CUSTOMER&q=customer%40', 'Users', async (page, made) => {
      await rows(page, made);
      await page.getByLabel('Select all on this page').check();
    }),
  },
  {
    name: 'users-suspend',
    viewer: 'admin',
    open: goTo('/admin/users?role=CUSTOMER&q=customer%40', 'Users', async (page, made) => {
      await rows(page, made);
      await page.getByLabel('Select all on this page').check();
      await pressed('Suspend…')(page, made);
      await page.getByText('1 user will be suspended.').waitFor();
    }),
  },
  {
    name: 'users-save-view',
    viewer: 'admin',
    open: goTo('/admin/users?role=VENDOR', 'Users', asked('Save view')),
  },
  { name: 'users-none', viewer: 'admin', open: goTo('/admin/users?q=zzzz', 'No user matches') },
  { name: 'invite', viewer: 'admin', open: goTo('/admin/users/new', 'Invite a user', pressed('Invite')) },
  { name: 'user', viewer: 'admin', open: customer() },
  { name: 'user-edit', viewer: 'admin', open: customer(asked('Edit')) },
  {
    name: 'user-close',
    viewer: 'admin',
    open: customer(async (page, made) => {
      await asked('Close account')(page, made);
      await pressed('Close account for good')(page, made);
    }),
  },
  { name: 'user-missing', viewer: 'admin', open: goTo('/admin/users/usr_00', 'There is no such user') },
  { name: 'approvals', viewer: 'admin', open: goTo('/admin/approvals', 'Nothing waits') },
  { name: 'approvals-waiting', viewer: 'admin', open: requests([request]), leave: unroute },
  { name: 'approvals-over', viewer: 'admin', open: requests([decided]), leave: unroute },
  { name: 'approve', viewer: 'admin', open: requests([request], asked('Approve')), leave: unroute },
  { name: 'security', viewer: 'admin', open: goTo('/admin/security', 'Signing keys') },
  {
    name: 'security-rotate',
    viewer: 'admin',
    open: goTo('/admin/security', 'Security', asked('Rotate keys')),
  },
];
