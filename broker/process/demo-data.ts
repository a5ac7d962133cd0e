import { fork } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import moleculerConfig from '../../moleculer.config.ts';
import { settableClock, systemClock } from './clock.ts';
import { processEnv, type Env } from './config.ts';
import { dataFolderOf } from './data-folder.ts';
import { createLogger, type Logger } from './logger.ts';
import { findServices } from './find-services.ts';
import { runServices } from './run.ts';
import type { AnyServiceDefinition } from './service.ts';
import { closedBecause } from '../postgres/closed.ts';
import { withSession } from '../postgres/session.ts';

const markerOf = (env: Env): string => join(dataFolderOf(env), 'demo-data');

/** A closed database is being filled with data of its own. */
const isAnyClosed = async (definitions: readonly AnyServiceDefinition[], env: Env): Promise<boolean> => {
  for (const { contract, database } of definitions) {
    if (!database) continue;
    const at = { url: env[database.env] ?? '', name: contract.service };
    if ((await withSession(at, closedBecause)) !== null) return true;
  }
  return false;
};

/** Creates every service's demo data through real actions, in this process and with its own clock. */
const createDemoData = async (
  definitions: readonly AnyServiceDefinition[],
  env: Env,
  log: Logger,
): Promise<void> => {
  const clock = settableClock();
  const others = definitions.filter(({ contract }) => contract.service !== 'gateway');
  // Events wait in the outboxes until the services run with their bus.
  const settings = { env, clock, log, broker: moleculerConfig, relay: false };
  const running = await runServices({ definitions: others, ...settings });
  try {
    for (const { contract, demo } of others) {
      await demo?.(running.services.get(contract.service) as never, (timeMs) => clock.set(timeMs));
    }
  } finally {
    await running.stop();
  }
};

/**
 * Creates the demo data once per data folder, before requests are served. It runs in a process of its own, so
 * that its memory is freed.
 * @param env addresses of all services' databases; DEMO_DATA=false skips it
 */
export const ensureDemoData = async (env: Env): Promise<void> => {
  if (env['DEMO_DATA'] === 'false' || existsSync(markerOf(env))) return;
  const child = fork(fileURLToPath(import.meta.url), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error('the demo data could not be created; see the log');
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // This process works alone: no bus, no cache.
  const { RABBITMQ_URL: _bus, REDIS_URL: _cache, ...given } = processEnv();
  const env = { ...given, DEMO_RUN: 'true' };
  const log = createLogger({ level: 'info', file: join(dataFolderOf(env), 'payloom.log') });
  try {
    const definitions = await findServices(env);
    if (await isAnyClosed(definitions, env)) log.info('a database is closed: there will be no demo data');
    else await createDemoData(definitions, env, log);
    writeFileSync(markerOf(env), systemClock.iso());
  } catch (error) {
    log.error({ err: error }, 'demo data could not be created');
    process.exitCode = 1;
  }
}
