// One PostgreSQL for the whole test run; broker/testing makes throw-away databases in it.
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../broker/postgres/embedded-folder.ts';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../../broker/postgres/embedded.ts';

const quiet = { info: () => {}, warn: () => {} };
const PREFIX = 'payloom-test-';

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Servers of test runs that were killed before they could clean up; the folder's name holds the process. */
const removeForgotten = async () => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length).split('-')[0]);
    if (pid > 0 && !isAlive(pid)) await removeEmbeddedPostgres(join(tmpdir(), name)).catch(() => {});
  }
};

/** `PAYLOOM_TEST_POSTGRES=none` runs tests that need no server; a URL there is used instead of a new one. */
export default async function globalSetup() {
  if (process.env.PAYLOOM_TEST_POSTGRES !== undefined) return;
  await removeForgotten();
  const dataFolder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const server = await startEmbeddedPostgres({
    dataFolder,
    port: await freePort(),
    log: quiet,
    // Nobody needs test data after a power cut; this halves the time of service tests.
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  process.env.PAYLOOM_TEST_POSTGRES = server.ownerUrl;
  globalThis.payloomTestPostgres = { server, dataFolder };
}
