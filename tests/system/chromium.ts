import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium } from '../../scripts/chromium.mjs';

const SHELLS = ['chromium-headless-shell', 'chrome-headless-shell'];

/**
 * Chromium without its user interface: opens pages in half the time (apt-get install
 * chromium-headless-shell).
 */
const findHeadlessShell = (): string | undefined => {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  if (CHROMIUM_PATH) return undefined;
  const folders = [...PATH.split(delimiter).filter(Boolean), '/usr/bin'];
  return folders
    .flatMap((folder) => SHELLS.map((name) => join(folder, name)))
    .find((path) => existsSync(path));
};

const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Launch options that keep Debian's Chromium quiet, offline and alive in a container. */
export const CHROMIUM = {
  executablePath: findHeadlessShell() ?? findChromium() ?? undefined,
  args: QUIET,
};

/** The whole browser with its back/forward cache: the one without a user interface restores no page. */
export const CHROMIUM_WITH_HISTORY = {
  executablePath: findChromium() ?? undefined,
  args: [...QUIET, '--headless=new'],
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
};
