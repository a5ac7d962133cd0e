import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Contract } from '../../shared/contracts/contract.ts';
import { root } from '../steps.ts';

const VERSION = 'shared/contracts/version.ts';

export class NoSuchRef extends Error {
  override readonly name = 'NoSuchRef';
}

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();

const commitOf = (ref: string): string => {
  try {
    return git('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`);
  } catch {
    throw new NoSuchRef(`${ref} is not a commit, branch or tag of this repository`);
  }
};

/**
 * The commit that the present version of the API began with: the last one that changed its file.
 * @returns null where none has yet, and where there is no history or only a part of it
 */
export const startOfVersion = (): string | null => {
  try {
    const isPart = git('rev-parse', '--is-shallow-repository') === 'true';
    return isPart ? null : git('log', '-1', '--format=%H', '--', VERSION) || null;
  } catch {
    return null;
  }
};

export type Released = { commit: string; contracts: readonly Contract[]; apiVersion: string };

/**
 * The contracts as a commit has them.
 * @throws NoSuchRef where the repository does not have it
 */
export const contractsAt = async (ref: string): Promise<Released> => {
  const commit = commitOf(ref);
  const folder = mkdtempSync(join(tmpdir(), 'payloom-contracts-'));
  try {
    // Its own schemas with our zod: what they mean is read by one version.
    const archive = execFileSync('git', ['archive', commit, 'shared'], { cwd: root, maxBuffer: 2 ** 28 });
    execFileSync('tar', ['-x', '-C', folder], { input: archive });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const load = (path: string): Promise<object> => import(pathToFileURL(join(folder, path)).href);
    const all = (await load('shared/contracts/all.ts')) as { CONTRACTS: readonly Contract[] };
    // Commits before the first version do not have the file.
    const version = await load(VERSION).catch(() => ({}));
    const { API_VERSION = '0' } = version as { API_VERSION?: string };
    return { commit, contracts: all.CONTRACTS, apiVersion: API_VERSION };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
