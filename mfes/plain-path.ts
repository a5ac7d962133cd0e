import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIR } from './remote-names.ts';

/** Vite takes the rest of a path behind these for a query; the federation plugin writes paths in quotes. */
const MISREAD = /[#?']/;

export type PlainPath = {
  /** The project's folder. */
  root: string;
  /** Arguments with which Node and Vite stay on this path. */
  nodeArgs: readonly string[];
  remove(): void;
};

/** The project's folder under a path that the bundler can read: a link, where its own path misleads it. */
export const plainPath = (): PlainPath => {
  if (!MISREAD.test(PROJECT_DIR)) return { root: PROJECT_DIR, nodeArgs: [], remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'payloom-path-'));
  const root = join(folder, 'project');
  symlinkSync(PROJECT_DIR, root);
  return {
    root,
    nodeArgs: ['--preserve-symlinks', '--preserve-symlinks-main'],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
