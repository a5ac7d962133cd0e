import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { HOST_CONTRACT } from '../shared/client/host.ts';
import type { RemoteDescription, RemoteFile } from '../shared/client/remote-files.ts';

/** A chunk in Vite's own manifest. */
type Chunk = { file: string; name?: string; isEntry?: boolean; imports?: string[]; css?: string[] };

const ENTRY = 'remoteEntry.js';

const hashOf = (content: Uint8Array | string, algorithm: string): Buffer =>
  createHash(algorithm).update(content).digest();

/** The hash of a file's content as browsers compare it. */
export const integrityOf = (content: Uint8Array | string): string =>
  `sha384-${hashOf(content, 'sha384').toString('base64')}`;

/** Static imports of a chunk and of what it imports, itself first. */
const closure = (chunks: Record<string, Chunk>, key: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const imported of chunks[key]?.imports ?? []) closure(chunks, imported, seen);
  return seen;
};

const filesOf = async (dir: string): Promise<string[]> => {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, resolve(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.startsWith('.vite/') && !/\.(?:map|br|gz)$/.test(file))
    .sort();
};

/**
 * Describes a built remote from the files in its folder, so that the shell asks for all that its first page
 * needs at once. Its version is a hash of all its files: the same files are the same version.
 */
export const describeRemote = async (name: string, dir: string): Promise<RemoteDescription> => {
  const chunks = JSON.parse(await readFile(resolve(dir, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >;
  const exposed = Object.keys(chunks).find((key) => chunks[key]?.name?.startsWith('__federation_expose_'));
  if (exposed === undefined) throw new Error(`micro-frontend ${name} exposes nothing`);
  const needed = new Set([...closure(chunks, exposed)].map((key) => chunks[key]?.file));
  const files = await Promise.all(
    (await filesOf(dir)).map(async (href): Promise<RemoteFile> => {
      return { href, integrity: integrityOf(await readFile(resolve(dir, href))) };
    }),
  );
  const version = hashOf(JSON.stringify([HOST_CONTRACT, files]), 'sha256')
    .toString('hex')
    .slice(0, 12);
  const below = (given: RemoteFile[]): RemoteFile[] =>
    given.map(({ href, integrity }) => ({ href: `/mfes/${name}/${version}/${href}`, integrity }));
  const [entry] = below(files.filter(({ href }) => href === ENTRY));
  if (entry === undefined) throw new Error(`micro-frontend ${name} has no ${ENTRY}`);
  const isStyle = ({ href }: RemoteFile) => href.endsWith('.css');
  const isFirst = (file: RemoteFile) => needed.has(file.href) && !isStyle(file);
  return {
    version,
    contract: HOST_CONTRACT,
    entry: entry.href,
    integrity: entry.integrity,
    modules: below(files.filter(isFirst)),
    styles: below(files.filter(isStyle)),
    further: below(files.filter((file) => file.href !== ENTRY && !isStyle(file) && !isFirst(file))),
  };
};
