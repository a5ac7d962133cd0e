import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { RemoteFile, RemoteFiles } from '../shared/client/remote-files.ts';

/** A chunk in Vite's own manifest. */
type Chunk = { file: string; name?: string; isEntry?: boolean; imports?: string[]; css?: string[] };

const hashOf = (content: Uint8Array | string, algorithm: string): Buffer =>
  createHash(algorithm).update(content).digest();

/** Static imports of a chunk and of what it imports, itself first. */
const closure = (chunks: Record<string, Chunk>, key: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const imported of chunks[key]?.imports ?? []) closure(chunks, imported, seen);
  return seen;
};

/**
 * Describes a built remote from the files in its folder, so that the shell asks for all that its first page
 * needs at once.
 */
export const describeRemote = async (name: string, dir: string): Promise<RemoteFiles> => {
  const chunks = JSON.parse(await readFile(resolve(dir, '.vite/manifest.json'), 'utf8')) as Record<
    string,
    Chunk
  >;
  const exposed = Object.keys(chunks).find((key) => chunks[key]?.name?.startsWith('__federation_expose_'));
  if (exposed === undefined) throw new Error(`micro-frontend ${name} exposes nothing`);
  const described = async (file: string): Promise<RemoteFile> => ({
    href: `/mfes/${name}/${file}`,
    integrity: `sha384-${hashOf(await readFile(resolve(dir, file)), 'sha384').toString('base64')}`,
  });
  const needed = [...closure(chunks, exposed)].flatMap((key) => chunks[key] ?? []);
  const stylesheets = Object.values(chunks).flatMap(({ file, css = [] }) => [...css, file]);
  const styles = [...new Set(stylesheets)].filter((file) => file.endsWith('.css'));
  const entry = await described('remoteEntry.js');
  const modules = await Promise.all([...new Set(needed.map(({ file }) => file))].sort().map(described));
  const described_ = { modules, styles: await Promise.all(styles.sort().map(described)) };
  const version = hashOf(JSON.stringify([entry, described_]), 'sha256')
    .toString('hex')
    .slice(0, 12);
  return { version, entry: `${entry.href}?v=${version}`, integrity: entry.integrity, ...described_ };
};
