import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { openBackup, type BackupFile } from './read-file.ts';
import { restoreBackup } from './restore-backup.ts';
import { takeBackup } from './take-backup.ts';
import { emptySystem, type TestSystem } from './testing/empty-system.ts';
import { placesOf } from './systems.ts';
import { createBackup } from './write-file.ts';

const SERVICES = { SERVICES: 'auth,payments' };
const silent = () => undefined;
let folder: string;
let source: TestSystem;
let target: TestSystem;
let whole: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-refusals-'));
  [source, target] = [await emptySystem(null, SERVICES), await emptySystem(null, SERVICES)];
  await source.migrate();
  await source.query(
    'payments',
    `insert into parties values ('usr_a', 'a@example.com', 'A', 'VENDOR', 'active', 1)`,
  );
  whole = join(folder, 'whole.zip');
  await takeBackup(source, whole, silent);
});
afterAll(async () => {
  await source?.close();
  await target?.close();
  rmSync(folder, { recursive: true, force: true });
});

let copies = 0;
const copy = (): string => {
  const path = join(folder, `copy-${copies++}.zip`);
  copyFileSync(whole, path);
  return path;
};

const restore = async (path: string, system = target, change?: (file: BackupFile) => BackupFile) => {
  const file = await openBackup(path, silent);
  try {
    return await restoreBackup(system, change ? change(file) : file, silent);
  } finally {
    file.close();
  }
};

const expectUntouched = async () => expect(await target.content()).toEqual({});

describe('a restore is refused before anything is changed', () => {
  it('of a truncated file, at any length', async () => {
    const { length } = readFileSync(whole);
    for (const size of [0, 1, 100, Math.floor(length / 2), length - 200, length - 1]) {
      const path = copy();
      truncateSync(path, size);
      await expect(restore(path)).rejects.toThrow(/is not a backup|is damaged/);
    }
    await expectUntouched();
  });

  it('of a file with a wrong bit in a table, or in the manifest', async () => {
    const bytes = readFileSync(whole);
    for (const name of ['parties.copy', 'manifest.json']) {
      // The local header has the name, then come the compressed bytes.
      const at = bytes.indexOf(name) + name.length + 12;
      const path = copy();
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(path, changed);
      await expect(restore(path)).rejects.toThrow(/is damaged/);
    }
    await expectUntouched();
  });

  it('of a file that is no backup, and of one that is not there', async () => {
    const text = join(folder, 'text.txt');
    writeFileSync(text, 'A text.');
    await expect(restore(text)).rejects.toThrow(`${text} is not a backup`);
    await expect(restore(join(folder, 'none.zip'))).rejects.toThrow('cannot be read (ENOENT)');
    await expectUntouched();
  });

  it('of a file with migrations that this program does not have', async () => {
    const newer = (file: BackupFile): BackupFile => ({
      ...file,
      manifest: {
        ...file.manifest,
        databases: file.manifest.databases.map((one) => ({
          ...one,
          migrations: [...one.migrations, '9999-new.sql'],
        })),
      },
    });
    await expect(restore(whole, target, newer)).rejects.toThrow('newer version, with 9999-new.sql of');
    await expectUntouched();
  });

  it('into a system that is not empty', async () => {
    await expect(restore(whole, source)).rejects.toThrow(
      'The database of payments is not empty: its table parties has rows.',
    );
  });

  it('while a process runs on the system', async () => {
    const [place] = placesOf(target.system.definitions, target.env);
    const other = new Client({ connectionString: place?.url, application_name: 'payloom auth' });
    await other.connect();
    await expect(restore(whole)).rejects.toThrow('The process "payloom auth" runs on this system');
    await other.end();
    await expectUntouched();
  });
});

describe('a backup', () => {
  it('does not replace a file, and leaves none when a table cannot be read', async () => {
    expect(() => createBackup(whole)).toThrow('a backup does not replace it');
    const path = join(folder, 'unreadable.zip');
    const nowhere = {
      ...source,
      env: { ...source.env, PAYMENTS_DATABASE_URL: 'postgres://x:y@127.0.0.1:1/none' },
    };
    await expect(takeBackup(nowhere, path, silent)).rejects.toThrow(
      'The database of payments at 127.0.0.1:1 cannot be used',
    );
    expect(readdirSync(folder).filter((name) => name.startsWith('unreadable'))).toEqual([]);
  });

  it('on a full disk says so, ends with 2 and leaves no half file', async () => {
    const path = join(folder, 'full.zip');
    // A limit of 1 KB for the size of a file stands for the full disk.
    const script = `trap '' XFSZ; ulimit -f 1; exec "$0" scripts/backup/backup.ts "$1"`;
    const [code, stderr] = await new Promise<[number, string]>((resolve) => {
      const env = { ...source.env, PATH: process.env['PATH'] };
      execFile('bash', ['-c', script, process.execPath, path], { env }, (error, _stdout, text) =>
        resolve([Number(error?.code ?? 0), text]),
      );
    });
    expect(stderr).toContain(`backup: There is no space left for ${path}`);
    expect(code).toBe(2);
    expect(readdirSync(folder).filter((name) => name.startsWith('full'))).toEqual([]);
  });
});
