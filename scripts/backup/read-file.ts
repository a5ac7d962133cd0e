import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { openPromise, type Entry as ZipEntry, type ZipFile } from 'yauzl';
import { UsageError } from '../events/system.ts';
import {
  commentOf,
  deadLettersEntry,
  manifest as schema,
  MANIFEST,
  tableEntry,
  type Entry,
  type Manifest,
} from './manifest.ts';

export type BackupFile = {
  manifest: Manifest;
  /** The content of an entry. */
  read(name: string): Promise<Readable>;
  close(): void;
};

const MANIFEST_MAX_BYTES = 16 * 1024 * 1024;

/** The entries that a manifest names. */
const entriesOf = ({ databases, rabbitmq }: Manifest): Map<string, Entry> =>
  new Map<string, Entry>([
    ...databases.flatMap(({ service, tables }) =>
      tables.map((table) => [tableEntry(service, table.name), table] as const),
    ),
    ...(rabbitmq?.deadLetters ?? []).map((letters) => [deadLettersEntry(letters.service), letters] as const),
  ]);

const openZip = async (path: string): Promise<ZipFile> => {
  try {
    return await openPromise(path, { autoClose: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code
        ? `${path} cannot be read (${code}).`
        : `${path} is not a backup, or its end is missing. Nothing was changed.`,
      { cause: error },
    );
  }
};

const readManifest = async (path: string, zip: ZipFile, entry: ZipEntry | undefined): Promise<Manifest> => {
  const foreign = new UsageError(`${path} is not a backup of Payloom. Nothing was changed.`);
  if (!entry || entry.uncompressedSize > MANIFEST_MAX_BYTES) throw foreign;
  if (!zip.comment.startsWith('Payloom backup')) throw foreign;
  const text = (await buffer(await zip.openReadStreamPromise(entry))).toString('utf8');
  if (commentOf(text) !== zip.comment)
    throw new UsageError(`${path} is damaged: its manifest. Nothing was changed.`);
  const parsed = schema.safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new UsageError(`${path} was made by a newer version: update this program. Nothing was changed.`);
};

const checksumOf = async (content: Readable): Promise<Entry> => {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of content as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sizeBytes, sha256: hash.digest('hex') };
};

/**
 * Opens a file of backup and reads all of it once: each entry must have its checksum.
 * @param say prints a line of progress
 * @throws UsageError when it is foreign, damaged, truncated or of a newer version
 */
export const openBackup = async (path: string, say: (line: string) => void): Promise<BackupFile> => {
  const zip = await openZip(path);
  const damaged = (what: string, cause?: unknown) =>
    new UsageError(`${path} is damaged: ${what}. Nothing was changed.`, { cause });
  try {
    const found = new Map<string, ZipEntry>();
    for await (const entry of zip.eachEntry()) found.set(entry.fileName, entry);
    const manifest = await readManifest(path, zip, found.get(MANIFEST));
    const read = async (name: string): Promise<Readable> => {
      const entry = found.get(name);
      if (!entry) throw damaged(`${name} is missing`);
      return zip.openReadStreamPromise(entry);
    };
    for (const [name, { sizeBytes, sha256 }] of entriesOf(manifest)) {
      say(`checking ${name}`);
      const actual = await checksumOf(await read(name)).catch((error: unknown) => {
        throw damaged(name, error);
      });
      if (actual.sha256 !== sha256 || actual.sizeBytes !== sizeBytes) throw damaged(name);
    }
    return { manifest, read, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error instanceof UsageError ? error : damaged((error as Error).message, error);
  }
};
