import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { HOST_CONTRACT } from '../shared/client/host.ts';
import type { RemoteDescription, RemoteFile } from '../shared/client/remote-files.ts';
import { readPageFiles } from './page-files.ts';
import { SVELTE } from './svelte-runtime.ts';

/** Vite's own manifest. */
type Chunks = Record<string, { file: string; name?: string; imports?: string[] }>;

/** The folder of the federation plugin's build, in that of the version. */
export const FEDERATED = 'federated';
const CONTAINER = `${FEDERATED}/remoteEntry.js`;

const hashOf = (content: Uint8Array | string, algorithm: string): Buffer =>
  createHash(algorithm).update(content).digest();

/** The hash of a file's content as browsers compare it. */
export const integrityOf = (content: Uint8Array | string): string =>
  `sha384-${hashOf(content, 'sha384').toString('base64')}`;

/** Static imports of a chunk and of what it imports, itself first. */
const closure = (chunks: Chunks, key: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const imported of chunks[key]?.imports ?? []) closure(chunks, imported, seen);
  return seen;
};

/** What the federation plugin exposes, with all that it imports. */
const federatedFilesOf = async (name: string, dir: string): Promise<string[]> => {
  const manifest = resolve(dir, FEDERATED, '.vite/manifest.json');
  const chunks = JSON.parse(await readFile(manifest, 'utf8')) as Chunks;
  const exposed = Object.keys(chunks).find((key) => chunks[key]?.name?.startsWith('__federation_expose_'));
  if (exposed === undefined) throw new Error(`micro-frontend ${name} exposes nothing`);
  return [...closure(chunks, exposed)].map((key) => `${FEDERATED}/${chunks[key]?.file}`);
};

const filesOf = async (dir: string): Promise<string[]> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, resolve(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !/(?:^|\/)\.|\.(?:map|br|gz)$/.test(file))
    .sort();
};

/**
 * Describes a built remote from the files in its folder, so that the shell asks for all that its first page
 * needs at once. Its version is a hash of all its files: the same files are the same version.
 */
export const describeRemote = async (name: string, dir: string): Promise<RemoteDescription> => {
  const { mount, pages } = await readPageFiles(dir);
  const federated = await federatedFilesOf(name, dir);
  const files = await Promise.all(
    (await filesOf(dir)).map(async (href): Promise<RemoteFile> => {
      return { href, integrity: integrityOf(await readFile(resolve(dir, href))) };
    }),
  );
  const version = hashOf(JSON.stringify([HOST_CONTRACT, SVELTE, files]), 'sha256')
    .toString('hex')
    .slice(0, 12);
  const placed = ({ href, integrity }: RemoteFile): RemoteFile => ({
    href: `/mfes/${name}/${version}/${href}`,
    integrity,
  });
  const named = (href: string): RemoteFile => {
    const file = files.find((one) => one.href === href);
    if (file === undefined) throw new Error(`micro-frontend ${name} has no ${href}`);
    return placed(file);
  };
  const buildOf = (entry: string, modules: string[]) => {
    const { href, integrity } = named(entry);
    return { entry: href, integrity, modules: modules.filter((file) => file !== entry).map(named) };
  };
  const [entry = ''] = mount;
  const isStyle = ({ href }: RemoteFile) => href.endsWith('.css');
  return {
    version,
    contract: HOST_CONTRACT,
    ...buildOf(CONTAINER, federated),
    styles: files.filter(isStyle).map(placed),
    native: {
      svelte: SVELTE,
      ...buildOf(entry, mount),
      pages: pages.map((page) => ({ pattern: page.pattern, modules: page.files.map(named) })),
    },
    further: files
      .filter((file) => !isStyle(file) && ![CONTAINER, ...federated].includes(file.href))
      .map(placed),
  };
};
