import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { compressBeside } from './compress.ts';
import { MFES_DIR, PROJECT_DIR, remoteNames, SHELL, WEB_DIR } from './remote-names.ts';
import { HOST_CONTRACT, OLDEST_CONTRACT } from '../shared/client/host.ts';
import type { Manifest } from '../shared/client/remote-files.ts';
import { deployed } from './deployments.ts';
import { placeShell } from './former-assets.ts';
import { describeRemote, FEDERATED } from './manifest.ts';
import { plainPath, type PlainPath } from './plain-path.ts';
import {
  deleteOld,
  locked,
  manifestOf,
  placeVersion,
  readVersion,
  touchReplaced,
  versionsOf,
  writeManifest,
} from './web-folder.ts';
import { buildOfPage } from './worker.ts';

/** Source maps with their scripts, in folders as below the web root: for the server that gets reports. */
const MAPS_DIR = resolve(PROJECT_DIR, 'dist/source-maps');
/** Inputs of the last build; outside the web root, so that it is not served. */
const STATE_DIR = resolve(PROJECT_DIR, 'dist/mfes');

/**
 * The last build of one. `isDeployed`: its version was in the manifest once, so that another build without
 * changes leaves a rollback or a canary as it is.
 */
type Built = { inputs: string; version: string | null; isDeployed: boolean };
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
const keepState = (name: string, built: Built): Promise<void> =>
  writeFile(stateFile(name), JSON.stringify(built));

const lastBuilt = async (name: string): Promise<Built | null> => {
  try {
    const built = JSON.parse(await readFile(stateFile(name), 'utf8')) as Built;
    const { version } = built;
    if (name === SHELL) return built;
    return (await versionsOf(WEB_DIR, name)).some((kept) => kept.version === version) ? built : null;
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

const placeBuilt = async (name: string, outDir: string): Promise<string | null> => {
  const description = name === SHELL ? null : await describeRemote(name, outDir);
  for (const dir of [outDir, resolve(outDir, FEDERATED)])
    await rm(resolve(dir, '.vite'), { recursive: true, force: true });
  const maps = await takeMaps(outDir);
  if (description === null) {
    await placeShell(maps, MAPS_DIR);
    await compressBeside(await filesBelow(outDir));
    await placeShell(outDir, WEB_DIR);
    return null;
  }
  const { version } = description;
  await writeFile(resolve(outDir, 'remote.json'), JSON.stringify(description));
  await placeVersion(MAPS_DIR, name, version, maps);
  await compressBeside(await filesBelow(outDir));
  await placeVersion(WEB_DIR, name, version, outDir);
  return version;
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
  const built = { inputs, version: await placeBuilt(name, outDir), isDeployed: false };
  await keepState(name, built);
  return built;
};

const deleteRemoved = async (names: readonly string[], root: string): Promise<void> => {
  for (const entry of await readdir(resolve(root, 'mfes')).catch(() => [] as string[])) {
    if (entry.includes('.') || names.includes(entry)) continue;
    await rm(resolve(root, 'mfes', entry), { recursive: true });
  }
};

/** What the manifest says after a build: each version that is new is everybody's. */
const deployBuilt = async (built: Readonly<Record<string, Built>>, isWhole: boolean): Promise<void> => {
  await locked(WEB_DIR, async () => {
    const before = await manifestOf(WEB_DIR);
    const remotes: Manifest['remotes'] = {};
    for (const [name, { version, isDeployed }] of Object.entries(built)) {
      const current = before.remotes[name];
      if (isDeployed && current) remotes[name] = current;
      else if (version !== null) {
        const { files } = await readVersion(WEB_DIR, name, version);
        const replaced = current && (await readVersion(WEB_DIR, name, current.version).catch(() => null));
        remotes[name] = deployed(current, files, replaced?.named ?? null);
      }
    }
    const shell = built[SHELL] ? { from: OLDEST_CONTRACT, to: HOST_CONTRACT } : before.shell;
    const build = buildOfPage(await readFile(resolve(WEB_DIR, 'index.html'), 'utf8').catch(() => ''));
    const after: Manifest = {
      ...(build && { build }),
      ...(shell && { shell }),
      remotes: isWhole ? remotes : { ...before.remotes, ...remotes },
    };
    await writeManifest(WEB_DIR, after);
    await touchReplaced(WEB_DIR, before, after);
    for (const name of Object.keys(remotes)) await deleteOld([WEB_DIR, MAPS_DIR], name, after, Date.now());
  });
  for (const [name, one] of Object.entries(built)) await keepState(name, { ...one, isDeployed: true });
};

/**
 * Builds one remote, if it has changed, and leaves the manifest as it is.
 * @returns its version, whose files are in dist/web
 */
export const buildRemote = async (name: string, options: Options = {}): Promise<string> => {
  const path = plainPath();
  await mkdir(STATE_DIR, { recursive: true });
  try {
    const { version } = await buildIfChanged(path, name, options);
    if (version === null) throw new Error(`${name} is no remote`);
    return version;
  } finally {
    path.remove();
  }
};

/**
 * Notes that the version of the last build was deployed, so that the next build leaves the choice as it
 * is.
 */
export const noteDeployed = async (name: string): Promise<void> => {
  const last = await lastBuilt(name);
  if (last) await keepState(name, { ...last, isDeployed: true });
};

/**
 * Brings dist/web up to date: the shell, every remote that has something to mount, and the manifest.
 * @throws Error with the bundler's output when one does not build; the others are built all the same
 */
export const buildMicroFrontends = async (options: Options = {}): Promise<void> => {
  const remotes = remoteNames();
  const queue = [SHELL, ...remotes];
  const built: Record<string, Built> = {};
  const failures: unknown[] = [];
  const path = plainPath();
  await mkdir(STATE_DIR, { recursive: true });
  const work = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      try {
        built[name] = await buildIfChanged(path, name, options);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  path.remove();
  for (const root of [WEB_DIR, MAPS_DIR]) await deleteRemoved(remotes, root);
  await deployBuilt(built, failures.length === 0);
  if (failures.length > 0)
    throw new AggregateError(failures, failures.map((failure) => (failure as Error).message).join('\n\n'));
};
