import type { Page } from '@playwright/test';
import type { Made, Viewer } from './viewers.ts';

export type Open = (page: Page, made: Made) => Promise<unknown>;

/** A state of a page: its viewer, how it is opened, and what has to be undone afterwards. */
export type View = { name: string; viewer: Viewer; open: Open; leave?: (page: Page) => Promise<unknown> };

export const shown = (page: Page, name: string | RegExp, level?: number) =>
  page.getByRole('heading', { name, level }).first().waitFor();

export const goTo =
  (path: string, title: string | RegExp, then: Open = async () => {}): Open =>
  async (page, made) => {
    await page.goto(path);
    await shown(page, title);
    await then(page, made);
  };

/** A server error, as a page may get it. */
export const problem = {
  type: 'about:blank',
  title: 'internal',
  status: 500,
  detail: 'Something went wrong on our side.',
  code: 'internal',
  requestId: '4bf92f3577b34da6',
};

export const pressed =
  (name: string | RegExp): Open =>
  (page) =>
    page.getByRole('button', { name }).click();
