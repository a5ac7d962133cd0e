import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const DAY_S = 86_400;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-pages-'));
  mkdirSync(join(folder, 'kept'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts the container of an image with these files. */
const start = (name: string, files: readonly string[]): void => {
  for (const file of files) {
    mkdirSync(dirname(join(folder, name, file)), { recursive: true });
    writeFileSync(join(folder, name, file), name);
    // An image is older than its container.
    utimesSync(join(folder, name, file), 1_700_000_000, 1_700_000_000);
  }
  execFileSync('sh', [join(import.meta.dirname, 'keep-pages.sh'), join(folder, name), join(folder, 'kept')]);
};
const kept = (file: string): string => join(folder, 'kept', file);
const FILES = ['assets/a-11111111.js', 'mfes/auth/111111111111/remoteEntry.js', 'old.txt', 'index.html'];

test('assets of the image before stay for a day, and the page is that of the newest', () => {
  start('one', FILES);
  start('two', ['assets/a-22222222.js', 'index.html']);
  expect(FILES.map((file) => existsSync(kept(file)))).toEqual([true, true, false, true]);
  expect(readFileSync(kept('index.html'), 'utf8')).toBe('two');

  const before = Date.now() / 1_000 - DAY_S - 60;
  for (const file of FILES.slice(0, 2)) utimesSync(kept(file), before, before);
  start('two', ['other.txt']);
  expect(FILES.map((file) => existsSync(kept(file)))).toEqual([false, false, false, true]);
  expect(existsSync(kept('assets/a-22222222.js'))).toBe(true);
});

test('a container of the same image that starts again leaves what was deployed since', () => {
  start('one', FILES);
  writeFileSync(kept('index.html'), 'deployed since');
  start('one', FILES);
  expect(readFileSync(kept('index.html'), 'utf8')).toBe('deployed since');
  start('two', FILES);
  expect(readFileSync(kept('index.html'), 'utf8')).toBe('two');
});
