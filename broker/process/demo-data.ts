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

const markerOf = (env: Env): string => join(dataFolderOf(env), 'demo-data');

/** Creates every service's demo data through real actions, in this process and with its own clock. */
const createDemoData = async (env: Env, log: Logger): Promise<void> => {
  const definitions = await findServices(env);
  const clock = settableClock();
  const others = definitions.filter(({ contract }) => contract.service !== 'gateway');
  // Events wait in the outboxes until the services run with their bus.
  const settings = { env, clock, log, broker: moleculerConfig, relay: false };
  const running = await runServices({ definitions: others, ...settings });
  try {
    for (const { contract, demo } of others) {
      await demo?.(running.services.get(contract.service) as never, (timeMs) => clock.set(timeMs));
    }
    writeFileSync(markerOf(env), systemClock.iso());
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
    await createDemoData(env, log);
  } catch (error) {
    log.error({ err: error }, 'demo data could not be created');
    process.exitCode = 1;
  }
}
