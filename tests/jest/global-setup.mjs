// One PostgreSQL for the whole run, in which broker/testing creates throw-away databases.
import { existsSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../broker/postgres/embedded-folder.ts';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../../broker/postgres/embedded.ts';

const quiet = { info: () => {}, warn: () => {} };
const PREFIX = 'payloom-test-';
const SHARED_MEMORY = '/dev/shm';
const WANTED_BYTES = 4 * 2 ** 30;

/** Databases are made and deleted all the time, which a file system in memory does in half the time. */
const dataRoot = () => {
  if (!existsSync(SHARED_MEMORY)) return tmpdir();
  const { bavail, bsize } = statfsSync(SHARED_MEMORY);
  return bavail * bsize >= WANTED_BYTES ? SHARED_MEMORY : tmpdir();
};

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Removes the servers of killed runs; the folder's name contains the run's pid. */
const removeLeftOvers = async (folder) => {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (pid > 0 && !isAlive(pid)) await removeEmbeddedPostgres(join(folder, name)).catch(() => {});
  }
};

/**
 * `PAYLOOM_TEST_POSTGRES=none` runs tests that need no server; a URL there replaces the server of the run.
 */
export default async function globalSetup() {
  if (process.env.PAYLOOM_TEST_POSTGRES !== undefined) return;
  for (const one of [tmpdir(), SHARED_MEMORY]) if (existsSync(one)) await removeLeftOvers(one);
  const folder = dataRoot();
  const dataFolder = mkdtempSync(join(folder, `${PREFIX}${process.pid}-`));
  const server = await startEmbeddedPostgres({
    dataFolder,
    port: await freePort(),
    log: quiet,
    // Test data need not survive a power failure; this halves the time of service tests.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  process.env.PAYLOOM_TEST_POSTGRES = server.ownerUrl;
  globalThis.payloomTestPostgres = { server, dataFolder };
}
