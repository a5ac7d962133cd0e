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

/** Makes every service's demo data through real actions, in this process and on a clock of its own. */
const makeDemoData = async (env: Env, log: Logger): Promise<void> => {
  const definitions = await findServices(env);
  const clock = settableClock();
  const backstage = definitions.filter(({ contract }) => contract.service !== 'gateway');
  // What is told here waits in the outboxes for the services that will hear it, on whatever bus they are
  // then.
  const settings = { env, clock, log, broker: moleculerConfig, relay: false };
  const running = await runServices({ definitions: backstage, ...settings });
  try {
    for (const { contract, demo } of backstage) {
      await demo?.(running.services.get(contract.service) as never, (timeMs) => clock.set(timeMs));
    }
    writeFileSync(markerOf(env), systemClock.iso());
  } finally {
    await running.stop();
  }
};

/**
 * Makes the demo data once per data folder, before anybody is served; in a process of its own, so that what
 * it took of memory is given back.
 * @param env addresses of all services' databases; DEMO_DATA=false leaves it out
 */
export const makeSureOfDemoData = async (env: Env): Promise<void> => {
  if (env['DEMO_DATA'] === 'false' || existsSync(markerOf(env))) return;
  const child = fork(fileURLToPath(import.meta.url), { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error('the demo data could not be made; the log says why');
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // The bus of the others has no business here: what this process tells, it tells itself.
  const { RABBITMQ_URL: _bus, REDIS_URL: _cache, ...env } = processEnv();
  const log = createLogger({ level: 'info', file: join(dataFolderOf(env), 'payloom.log') });
  try {
    await makeDemoData(env, log);
  } catch (error) {
    log.error({ err: error }, 'the demo data could not be made');
    process.exitCode = 1;
  }
}
