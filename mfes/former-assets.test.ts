import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { placeShell } from './former-assets.ts';

const HOUR_S = 3_600;
const START_S = 1_800_000_000;
let folder: string;
const root = () => join(folder, 'web');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-assets-'));
  mkdirSync(join(root(), 'mfes'), { recursive: true });
  writeFileSync(join(root(), 'mfes/manifest.json'), '{}');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a build of these files into the web root, after this number of hours. */
const place = async (files: readonly string[], hours: number): Promise<void> => {
  const built = join(folder, `built-${hours}`);
  for (const file of files) {
    mkdirSync(dirname(join(built, file)), { recursive: true });
    writeFileSync(join(built, file), `${hours}`);
  }
  await placeShell(built, root(), START_S + hours * HOUR_S);
};
const has = (file: string): boolean => existsSync(join(root(), file));

test('a replaced asset stays for a day from when it was replaced, whatever its age', async () => {
  await place(['index.html', 'assets/a-11111111.js', 'assets/a-11111111.js.br'], 0);
  await place(['index.html', 'assets/a-22222222.js'], 1_000);
  expect(readFileSync(join(root(), 'index.html'), 'utf8')).toBe('1000');
  await place(['index.html', 'assets/a-33333333.js'], 1_023);
  expect(['assets/a-11111111.js', 'assets/a-11111111.js.br', 'assets/a-22222222.js'].map(has)).toEqual([
    true,
    true,
    true,
  ]);
  await place(['index.html', 'assets/a-33333333.js'], 1_025);
  expect(['assets/a-11111111.js', 'assets/a-11111111.js.br', 'assets/a-22222222.js'].map(has)).toEqual([
    false,
    false,
    true,
  ]);
  await place(['index.html', 'assets/a-33333333.js'], 1_048);
  expect(['assets/a-22222222.js', 'assets/a-33333333.js'].map(has)).toEqual([false, true]);
});

test('an asset that comes back counts as new', async () => {
  await place(['index.html', 'assets/a-11111111.js'], 0);
  await place(['index.html'], 1);
  await place(['index.html', 'assets/a-11111111.js'], 20);
  await place(['index.html'], 30);
  await place(['index.html'], 53);
  expect(has('assets/a-11111111.js')).toBe(true);
});

test('files without a hash are those of the build, and the remotes are left alone', async () => {
  await place(['index.html', 'favicon.svg', 'old.txt'], 0);
  await place(['index.html', 'favicon.svg'], 1);
  expect(['old.txt', 'favicon.svg', 'mfes/manifest.json'].map(has)).toEqual([false, true, true]);
});

test('two builds in one second differ in their times', async () => {
  await place(['index.html', 'assets/a-11111111.js'], 0);
  await place(['index.html'], 0);
  await place(['index.html'], 0);
  await place(['index.html'], 23);
  expect(has('assets/a-11111111.js')).toBe(true);
});
