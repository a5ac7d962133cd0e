import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';
import type { Front } from './front.ts';
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
    .toContainEqual(expect.stringMatching(new RegExp(`^/mfes/${remote}/.*/mount-[\\w-]+\\.js$`)));

/** Asks for a new worker, as the page does each hour. */
export const askForUpdate = (page: Page): Promise<void> =>
  page.evaluate(async () => {
    await (await navigator.serviceWorker.getRegistration())?.update();
  });

const NEXT = 'feedfacecafe';

/** Deploys another build: its page names another one, and of its remotes `broken` has no files. */
export const deployNext = async (front: Front, broken: string): Promise<string> => {
  const read = async (path: string) => (await fetch(front.url + path, { headers: { accept: '*/*' } })).text();
  const integrityOf = (text: string) => `sha384-${createHash('sha384').update(text).digest('base64')}`;
  const html = await read('/');
  const build = /data-build="(\w+)"/.exec(html)?.[1] ?? '';
  const next = html.replace(build, NEXT);
  const worker = (await read('/sw.js'))
    .replaceAll(build, NEXT)
    .replaceAll(integrityOf(html), integrityOf(next));
  const manifest = (await read('/mfes/manifest.json'))
    .replaceAll(build, NEXT)
    .replaceAll(`/mfes/${broken}/`, '/mfes/nowhere/');
  for (const path of ['/', '/sign-in', '/payments'])
    front.answers.set(path, { type: 'text/html', body: next });
  front.answers.set('/mfes/manifest.json', { type: 'application/json', body: manifest });
  front.answers.set('/sw.js', { body: worker });
  return NEXT;
};
