import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { UsageError } from '../events/system.ts';
import { commentOf, MANIFEST, type Entry, type Manifest } from './manifest.ts';

/** Fast: three quarters of the time of the default level for a tenth more bytes. */
const COMPRESSION = { compressionLevel: 3, mode: 0o100600 };

export type BackupWriter = {
  /** Appends an entry. */
  add(name: string, content: Readable): Promise<Entry>;
  /** Appends the manifest and gives the file its name. @returns the checksum of the whole file */
  finish(manifest: Manifest): Promise<Entry>;
  /** Deletes what has been written. */
  abandon(): Promise<void>;
};

/** Passes bytes on, counts them and computes their checksum. */
const counted = () => {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const stream = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      hash.update(chunk);
      sizeBytes += chunk.length;
      done(null, chunk);
    },
  });
  return { stream, result: (): Entry => ({ sizeBytes, sha256: hash.digest('hex') }) };
};

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** A failure to write in the words of an operator. */
const explained = (error: unknown, path: string): unknown => {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (FULL.includes(code))
    return new UsageError(`There is no space left for ${path} (${code}). No file was made.`, {
      cause: error,
    });
  if (code.startsWith('E') && (error as NodeJS.ErrnoException).syscall)
    return new UsageError(`${path} cannot be written: ${message}`, { cause: error });
  return error;
};

/**
 * Begins a file of backup: a ZIP archive, readable by its owner only, which has its name when it is whole.
 * @throws UsageError when the file exists or cannot be written
 */
export const createBackup = (given: string): BackupWriter => {
  const path = resolve(given);
  const partial = `${path}.partial`;
  if (existsSync(path)) throw new UsageError(`${path} exists; a backup does not replace it.`);
  rmSync(partial, { force: true });
  const zip = new ZipFile();
  const whole = counted();
  const file = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true });
  const written = pipeline(zip.outputStream, whole.stream, file);
  const failed = new Promise<never>((_resolve, reject) => {
    written.catch(reject);
    zip.on('error', reject);
  });
  failed.catch(() => undefined);

  const add: BackupWriter['add'] = async (name, content) => {
    const part = counted();
    zip.addReadStream(part.stream, name, COMPRESSION);
    try {
      await Promise.race([pipeline(content, part.stream), failed]);
    } catch (error) {
      content.destroy();
      throw explained(error, path);
    }
    return part.result();
  };

  return {
    add,
    finish: async (manifest) => {
      const text = JSON.stringify(manifest, null, 2);
      await add(MANIFEST, Readable.from([Buffer.from(text)]));
      zip.end({ comment: commentOf(text), forceZip64Format: false });
      try {
        await written;
        renameSync(partial, path);
      } catch (error) {
        throw explained(error, path);
      }
      return whole.result();
    },
    abandon: async () => {
      file.destroy();
      await written.catch(() => undefined);
      rmSync(partial, { force: true });
    },
  };
};
