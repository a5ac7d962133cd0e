import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { filesBelow, root } from './files.ts';

const { default: config } = (await import(join(root, '.dependency-cruiser.mjs'))) as {
  default: { options: ICruiseOptions };
};

/** Files that are started or found on disk, so that nobody needs to import them. */
const ENTRIES = [
  /[.]test[.]ts$/,
  /[.]d[.]ts$/,
  /[.]config[.](ts|mjs)$/,
  /^broker\/process\/(start|demo-data)[.]ts$/,
  /^services\/[^/]+\/([^/]+)[.]service[.]ts$/,
  /^services\/[^/]+\/start[.]ts$/,
  /^mfes\/[^/]+\/src\/(mount|main|remotes[.]dev)[.]ts$/,
  /^mfes\/[^/]+[.]ts$/,
  /^(scripts|tests)\//,
  // Used by tests only, which is what they are for.
  /\/testing(\/.*)?[.]ts$/,
  /^shared\/[^/]+\/index[.]ts$/,
];

it('every file is used by another one, not by its own test only', async () => {
  const folders = ['broker', 'services', 'shared', 'mfes', 'scripts', 'tests'];
  const { output } = await cruise(
    folders.filter((folder) => existsSync(join(root, folder))),
    { ...config.options, baseDir: root },
  );
  const used = new Set(
    (output as ICruiseResult).modules
      .filter(({ source }) => !source.includes('.test.'))
      .flatMap(({ dependencies }) => dependencies.map(({ resolved }) => resolved)),
  );
  const code = filesBelow().filter((path) => /^[^.]+\/.*[.](ts|svelte)$/.test(path));
  expect(code.filter((path) => !used.has(path) && !ENTRIES.some((entry) => entry.test(path)))).toEqual([]);
});
