import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { compressBeside } from './compress.ts';
import { MFES_DIR, PROJECT_DIR, remoteNames, SHELL } from './config.ts';
import type { RemoteFiles } from '../shared/client/remote-files.ts';
import { placeShell } from './former-assets.ts';
import { describeRemote } from './manifest.ts';
import { plainPath, type PlainPath } from './plain-path.ts';
import { buildOfPage } from './worker.ts';

const WEB_DIR = resolve(PROJECT_DIR, 'dist/web');
/** Source maps with their scripts, in folders as below the web root: for the server that gets reports. */
const MAPS_DIR = resolve(PROJECT_DIR, 'dist/source-maps');
/** Inputs of the last build; outside the web root, so that it is not served. */
const STATE_DIR = resolve(PROJECT_DIR, 'dist/mfes');

type Built = { inputs: string; remote: RemoteFiles | null };
type Options = { force?: boolean; say?: (line: string) => void };

const filesBelow = async (dir: string): Promise<string[]> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

const isInput = (file: string): boolean => !/\.test\.ts$|\.md$/.test(file);

/** A hash over all that goes into a build: sources, shared modules, configuration, and the lockfile. */
const hashInputs = async (name: string): Promise<string> => {
  const own = await filesBelow(resolve(MFES_DIR, name));
  const shared = await filesBelow(resolve(PROJECT_DIR, 'shared'));
  const config = (await readdir(MFES_DIR)).filter((file) => /\.m?ts$/.test(file));
  const files = [
    ...own,
    ...shared,
    ...config.map((file) => resolve(MFES_DIR, file)),
    resolve(PROJECT_DIR, 'package-lock.json'),
  ];
  const hash = createHash('sha256');
  for (const file of files.filter(isInput).sort()) {
    hash
      .update(relative(PROJECT_DIR, file))
      .update('\0')
      .update(await readFile(file))
      .update('\0');
  }
  return hash.digest('hex');
};

const stateFile = (name: string): string => resolve(STATE_DIR, `${name}.json`);

const lastBuilt = async (name: string): Promise<Built | null> => {
  try {
    return JSON.parse(await readFile(stateFile(name), 'utf8')) as Built;
  } catch {
    return null;
  }
};

/** Vite in a process of its own, because the federation plugin keeps its state in its module. */
const runBuild = ({ root, nodeArgs }: PlainPath, name: string, outDir: string): Promise<void> =>
  new Promise((done, failed) => {
    const within = (path: string) => resolve(root, relative(PROJECT_DIR, path));
    const script = within(resolve(MFES_DIR, 'build-one.ts'));
    const child = spawn(process.execPath, [...nodeArgs, script, name, within(outDir)], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    child.on('error', failed);
    child.on('close', (code) => {
      if (code === 0) done();
      else failed(new Error(`micro-frontend ${name} did not build:\n${errors.trim()}`));
    });
  });

/** Moves the source maps out of a built folder, with copies of their scripts. */
const takeMaps = async (built: string): Promise<string> => {
  const maps = `${built}-maps`;
  await rm(maps, { recursive: true, force: true });
  await mkdir(maps, { recursive: true });
  for (const map of (await filesBelow(built)).filter((file) => file.endsWith('.map'))) {
    const script = map.replace(/\.map$/, '');
    const target = resolve(maps, relative(built, script));
    // The federation plugin drops scripts that nothing needs, and leaves their maps.
    if (existsSync(script)) {
      await cp(script, target);
      await cp(map, `${target}.map`);
    }
    await rm(map);
  }
  return maps;
};

/** The shell's files stand at the root beside the remotes, so only its own are replaced. */
const place = async (name: string, built: string, root: string): Promise<void> => {
  if (name !== SHELL) {
    const target = resolve(root, 'mfes', name);
    await rm(target, { recursive: true, force: true });
    await mkdir(resolve(root, 'mfes'), { recursive: true });
    return rename(built, target);
  }
  await placeShell(built, root);
};

const buildIfChanged = async (
  path: PlainPath,
  name: string,
  { force = false, say }: Options,
): Promise<Built> => {
  const inputs = await hashInputs(name);
  const last = await lastBuilt(name);
  if (!force && last?.inputs === inputs) return last;
  say?.(`Building the ${name} front end…`);
  const outDir = resolve(STATE_DIR, name);
  await rm(stateFile(name), { force: true });
  await runBuild(path, name, outDir);
  const remote = name === SHELL ? null : await describeRemote(name, outDir);
  await rm(resolve(outDir, '.vite'), { recursive: true, force: true });
  await place(name, await takeMaps(outDir), MAPS_DIR);
  await compressBeside(await filesBelow(outDir));
  await place(name, outDir, WEB_DIR);
  const built = { inputs, remote };
  await writeFile(stateFile(name), JSON.stringify(built));
  return built;
};

const writeManifest = async (remotes: Record<string, RemoteFiles>): Promise<void> => {
  const file = resolve(WEB_DIR, 'mfes/manifest.json');
  const build = buildOfPage(await readFile(resolve(WEB_DIR, 'index.html'), 'utf8').catch(() => ''));
  const text = `${JSON.stringify({ build, remotes }, null, 2)}\n`;
  if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
  await mkdir(resolve(WEB_DIR, 'mfes'), { recursive: true });
  // New files take the places of the old ones, so that no reader sees half of one.
  const part = resolve(STATE_DIR, 'manifest.json');
  await writeFile(part, text);
  await compressBeside([part]);
  for (const suffix of ['.br', '.gz', '']) {
    await rm(file + suffix, { force: true });
    if (existsSync(part + suffix)) await rename(part + suffix, file + suffix);
  }
};

const deleteRemoved = async (names: readonly string[], root: string): Promise<void> => {
  for (const entry of await readdir(resolve(root, 'mfes')).catch(() => [] as string[])) {
    if (entry.includes('.') || names.includes(entry)) continue;
    await rm(resolve(root, 'mfes', entry), { recursive: true });
  }
};

/**
 * Brings dist/web up to date: the shell, every remote that has something to mount, and the manifest.
 * @throws Error with the bundler's output when one does not build; the others are built all the same
 */
export const buildMicroFrontends = async (options: Options = {}): Promise<void> => {
  const remotes = remoteNames();
  const queue = [SHELL, ...remotes];
  const described: Record<string, RemoteFiles> = {};
  const failures: unknown[] = [];
  const path = plainPath();
  await mkdir(STATE_DIR, { recursive: true });
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      try {
        const { remote } = await buildIfChanged(path, name, options);
        if (remote) described[name] = remote;
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  path.remove();
  for (const root of [WEB_DIR, MAPS_DIR]) await deleteRemoved(remotes, root);
  await writeManifest(Object.fromEntries(Object.entries(described).sort()));
  if (failures.length > 0)
    throw new AggregateError(failures, failures.map((failure) => (failure as Error).message).join('\n\n'));
};
