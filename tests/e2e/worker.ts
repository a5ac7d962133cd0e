import type { Page } from '@playwright/test';
import { expect } from './spec.ts';

export const buildOf = (page: Page) => page.evaluate(() => document.documentElement.dataset['build']);

/** The paths of all that is in Cache Storage. */
export const storedPaths = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const stored = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return stored.flat().map(({ url }) => new URL(url).pathname);
  });

/** Waits until a worker is there and has the files of a remote. */
export const whenStored = (page: Page, remote: string) =>
  expect
    .poll(() => storedPaths(page).catch(() => []), { timeout: 15_000 })
    .toContainEqual(expect.stringMatching(new RegExp(`^/mfes/${remote}/.*remoteEntry\\.js$`)));

/** Asks for a new worker, as the page does each hour. */
export const askForUpdate = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration())?.update();
  });
