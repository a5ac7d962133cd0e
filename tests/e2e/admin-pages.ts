import { goTo, pressed, type View } from './view.ts';

/** The pages of administrators. */
export const ADMIN_VIEWS: readonly View[] = [
  { name: 'overview', viewer: 'admin', open: goTo('/admin', 'Overview') },
  {
    name: 'overview-account',
    viewer: 'admin',
    open: goTo('/admin', 'Overview', pressed(/^Account of/)),
  },
  {
    name: 'micro-frontends',
    viewer: 'admin',
    open: goTo('/admin/micro-frontends', 'Micro-frontends', async (page) => {
      await page.getByText('Complete').nth(3).waitFor();
    }),
  },
];
