import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../steps.ts';

/**
 * Installs packages that only one command needs, in a folder of their own.
 * @returns the folder
 */
export const installApart = (name: string, packages: Readonly<Record<string, string>>): string => {
  const folder = join(root, 'node_modules/.cache', name);
  const installed = join(folder, 'installed');
  const wanted = JSON.stringify({ private: true, type: 'module', dependencies: packages });
  if (existsSync(installed) && readFileSync(installed, 'utf8') === wanted) return folder;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), wanted);
  execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], {
    cwd: folder,
    stdio: 'inherit',
  });
  writeFileSync(installed, wanted);
  return folder;
};
