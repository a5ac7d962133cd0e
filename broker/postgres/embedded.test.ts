import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, clusterFolderOf, makeSharedFolder } from './embedded-folder.ts';
import { runningServer } from './embedded-server.ts';
import {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  stopEmbeddedPostgres,
  type EmbeddedPostgres,
} from './embedded.ts';

const log = { info: () => {}, warn: () => {} };
const query = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

/** Another Node process starts the server on this folder and is killed when it reports that it is ready. */
const startAndKill = async (dataFolder: string, port: number): Promise<void> => {
  const module = JSON.stringify(new URL('embedded.ts', import.meta.url).href);
  const script = `import { startEmbeddedPostgres } from ${module};
    const quiet = { info() {}, warn() {} };
    await startEmbeddedPostgres({ dataFolder: ${JSON.stringify(dataFolder)}, port: ${port}, log: quiet });
    process.send('ready'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  child.kill('SIGKILL');
  await once(child, 'exit');
};

describe('the embedded PostgreSQL', () => {
  let dataFolder: string;
  let port: number;
  let server: EmbeddedPostgres;
  const start = () => startEmbeddedPostgres({ dataFolder, port, log });

  beforeAll(async () => {
    dataFolder = mkdtempSync(join(tmpdir(), 'payloom-embedded-'));
    port = await freePort();
    server = await start();
  });
  afterAll(() => removeEmbeddedPostgres(dataFolder));

  it('gives a service its own database with pg_trgm, the same one each time', async () => {
    const url = await server.ensureService('order-archive');
    expect(await server.ensureService('order-archive')).toBe(url);
    await query(url, 'create table kept (id int)');
    expect(await query(url, `select similarity('payee', 'payees') > 0.5 as alike`)).toEqual([
      { alike: true },
    ]);
  });

  it('lets no service into the database of another', async () => {
    const [auth, orders] = await Promise.all([server.ensureService('auth'), server.ensureService('orders')]);
    const trespass = new URL(auth);
    for (const database of [new URL(orders).pathname, '/postgres', '/template1']) {
      trespass.pathname = database;
      await expect(query(trespass.href, 'select 1')).rejects.toThrow(/permission denied/);
    }
  });

  it('keeps what is committed: fsync and synchronous_commit are on', async () => {
    const rows = await query(
      server.ownerUrl,
      `select name, setting from pg_settings
      where name in ('fsync', 'synchronous_commit', 'listen_addresses') order by name`,
    );
    expect(rows.map((row) => row.setting)).toEqual(['on', '127.0.0.1', 'on']);
  });

  it('keeps the passwords where only the owner can read them', () => {
    expect(statSync(join(dataFolder, 'postgres-secrets.json')).mode & 0o077).toBe(0);
  });

  it('is started again with its data after a clean stop', async () => {
    const url = await server.ensureService('order-archive');
    await server.stop();
    expect(runningServer(clusterFolderOf(dataFolder))).toBeNull();
    server = await start();
    expect(await server.ensureService('order-archive')).toBe(url);
    expect(await query(url, 'select * from kept')).toEqual([]);
  });

  it('uses the running server of a process that was killed', async () => {
    await server.stop();
    await startAndKill(dataFolder, port);
    const before = runningServer(clusterFolderOf(dataFolder));
    expect(before).not.toBeNull();
    server = await start();
    expect(runningServer(clusterFolderOf(dataFolder))?.pid).toBe(before?.pid);
    expect(await query(server.ownerUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('moves the server of a killed process to another port', async () => {
    await stopEmbeddedPostgres(dataFolder);
    await startAndKill(dataFolder, port);
    port = await freePort();
    server = await start();
    expect(runningServer(clusterFolderOf(dataFolder))?.port).toBe(port);
  });

  it('recovers after PostgreSQL itself was killed', async () => {
    const pid = runningServer(clusterFolderOf(dataFolder))?.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    server = await start();
    expect(await query(server.ownerUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('fails with one sentence when the port is in use', async () => {
    await server.stop();
    const other = createServer().listen(port, '127.0.0.1');
    await once(other, 'listening');
    await expect(start()).rejects.toThrow(new RegExp(`Port ${port}.*is in use by another program`));
    await new Promise((closed) => other.close(closed));
    server = await start();
  });
});

// Any other user runs PostgreSQL as itself, wherever its files lie.
if (process.getuid?.() === 0) {
  describe('the embedded PostgreSQL of root', () => {
    it('finds a folder for its data when the project lies where others cannot read', async () => {
      const home = mkdtempSync(join(tmpdir(), 'payloom-home-'));
      chmodSync(home, 0o700);
      const dataFolder = join(home, 'project', '.payloom', '3000');
      const server = await startEmbeddedPostgres({ dataFolder, port: await freePort(), log });
      expect(clusterFolderOf(dataFolder).home.startsWith(home)).toBe(false);
      expect(await query(await server.ensureService('auth'), 'select 1 as one')).toEqual([{ one: 1 }]);
      await removeEmbeddedPostgres(dataFolder);
      rmSync(home, { recursive: true });
    });
  });
}

it("a folder for the server's user lets others pass, whatever the umask", () => {
  const parent = mkdtempSync(join(tmpdir(), 'payloom-umask-'));
  const before = process.umask(0o077);
  try {
    makeSharedFolder(join(parent, 'shared'));
    expect(statSync(join(parent, 'shared')).mode & 0o777).toBe(0o755);
  } finally {
    process.umask(before);
    rmSync(parent, { recursive: true });
  }
});
