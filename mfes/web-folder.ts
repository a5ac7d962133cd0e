import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  descriptionOf,
  type Manifest,
  type RemoteDescription,
  type RemoteVersion,
} from '../shared/client/remote-files.ts';
import { compressBeside } from './compress.ts';
import { namedVersions } from './deployments.ts';
import { integrityOf } from './manifest.ts';

/** How long the files of a version stay after the last manifest that named it: tabs may still use them. */
const KEPT_MS = 24 * 60 * 60_000;
const VERSION = /^[0-9a-f]{12}$/;
const LOCK_MS = 10_000;
const RETRY_MS = 20;

const manifestFile = (root: string): string => resolve(root, 'mfes/manifest.json');
const versionFolder = (root: string, name: string, version: string): string =>
  resolve(root, 'mfes', name, version);

/** The manifest of a web folder; one without remotes where there is none yet. */
export const manifestOf = async (root: string): Promise<Manifest> => {
  const text = await readFile(manifestFile(root), 'utf8').catch(() => null);
  return text === null ? { remotes: {} } : (JSON.parse(text) as Manifest);
};

/** Names of the versions of a remote whose files are in the folder, the newest first, with their times. */
export const versionsOf = async (
  root: string,
  name: string,
): Promise<{ version: string; atMs: number }[]> => {
  const entries = await readdir(resolve(root, 'mfes', name)).catch(() => []);
  const versions = await Promise.all(
    entries
      .filter((entry) => VERSION.test(entry))
      .map(async (version) => {
        const { mtimeMs } = await stat(versionFolder(root, name, version));
        return { version, atMs: mtimeMs };
      }),
  );
  return versions.sort((a, b) => b.atMs - a.atMs);
};

/**
 * Reads the description of a version, and whether all its files are there as it says.
 * @throws Error with a sentence when one is missing or another
 */
export const readVersion = async (
  root: string,
  name: string,
  version: string,
): Promise<{ files: RemoteDescription; named: RemoteVersion }> => {
  const href = descriptionOf(name, version);
  const text = await readFile(resolve(root, `.${href}`), 'utf8').catch(() => null);
  if (text === null) throw new Error(`there is no version ${version} of ${name} in ${root}`);
  const files = JSON.parse(text) as RemoteDescription;
  const all = [{ href: files.entry, integrity: files.integrity }, ...files.modules, ...files.styles];
  for (const file of [...all, ...files.further]) {
    const content = await readFile(resolve(root, `.${file.href}`)).catch(() => null);
    if (content === null || integrityOf(content) !== file.integrity)
      throw new Error(`${file.href} in ${root} is ${content === null ? 'missing' : 'not what was built'}`);
  }
  const named = { version, contract: files.contract ?? 1, href, integrity: integrityOf(text) };
  return { files, named };
};

/** Moves a built remote to its place, `mfes/<name>/<version>/`, instead of what may be there. */
export const placeVersion = async (
  root: string,
  name: string,
  version: string,
  built: string,
): Promise<void> => {
  const target = versionFolder(root, name, version);
  const before = `${target}.before`;
  await rm(before, { recursive: true, force: true });
  await mkdir(resolve(target, '..'), { recursive: true });
  if (existsSync(target)) await rename(target, before);
  await rename(built, target);
  await rm(before, { recursive: true, force: true });
};

/** Copies a version from one web folder to another; it appears there as a whole. */
export const copyVersion = async (from: string, to: string, name: string, version: string): Promise<void> => {
  const target = versionFolder(to, name, version);
  if (from === to || existsSync(target)) return;
  const part = `${target}.part`;
  await rm(part, { recursive: true, force: true });
  await cp(versionFolder(from, name, version), part, { recursive: true });
  await rename(part, target);
};

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Runs one change of a web folder's manifest at a time, also between processes of this machine.
 * @throws Error when another one takes longer than ten seconds
 */
export const locked = async <T>(root: string, change: () => Promise<T>): Promise<T> => {
  await mkdir(resolve(root, 'mfes'), { recursive: true });
  const lock = resolve(root, 'mfes/.lock');
  const endMs = performance.now() + LOCK_MS;
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch {
      const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
      if (holder > 0 && !isRunning(holder)) await rm(lock, { force: true });
      if (performance.now() > endMs) throw new Error(`another deployment is under way (process ${holder})`);
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }
  try {
    return await change();
  } finally {
    await rm(lock, { force: true });
  }
};

/** A later second than that of the file before: an entity tag may be made of size and time alone. */
const laterThan = async (file: string): Promise<Date> => {
  const before = await stat(file).catch(() => null);
  return new Date(Math.max(Date.now(), (before?.mtimeMs ?? 0) + 1_000));
};

/**
 * Writes the manifest of a web folder, if it is another. New files take the places of the old ones, so
 * that no reader sees half of one, or none.
 */
export const writeManifest = async (root: string, manifest: Manifest): Promise<void> => {
  const file = manifestFile(root);
  const sorted = { ...manifest, remotes: Object.fromEntries(Object.entries(manifest.remotes).sort()) };
  const text = `${JSON.stringify(sorted, null, 2)}\n`;
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
  const part = `${file}.part.json`;
  await writeFile(part, text);
  await compressBeside([part]);
  const time = await laterThan(file);
  for (const suffix of ['.br', '.gz', '']) {
    if (existsSync(part + suffix)) {
      await utimes(part + suffix, time, time);
      await rename(part + suffix, file + suffix);
    } else await rm(file + suffix, { force: true });
  }
};

/** Marks versions that a manifest no longer names, from when on they are kept for a day. */
export const touchReplaced = async (root: string, before: Manifest, after: Manifest): Promise<void> => {
  const now = new Date();
  for (const [name, remote] of Object.entries(before.remotes)) {
    const named = after.remotes[name] ? namedVersions(after.remotes[name]) : [];
    for (const version of namedVersions(remote).filter((one) => !named.includes(one)))
      await utimes(versionFolder(root, name, version), now, now).catch(() => {});
  }
};

/** Deletes what was replaced more than a day ago: of one remote, below each of the folders. */
export const deleteOld = async (
  roots: readonly string[],
  name: string,
  { remotes }: Manifest,
  nowMs: number,
): Promise<void> => {
  const named = remotes[name] ? namedVersions(remotes[name]) : [];
  const [root = ''] = roots;
  for (const { version, atMs } of await versionsOf(root, name)) {
    if (named.includes(version) || nowMs - atMs < KEPT_MS) continue;
    for (const one of roots) await rm(versionFolder(one, name, version), { recursive: true, force: true });
  }
};
