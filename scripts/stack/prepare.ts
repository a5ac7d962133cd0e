import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { processEnv } from '../../broker/process/config.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { COMPILE_CACHE, operatorVariables } from './environment.ts';
import { demoMarkerOf, logFileOf, root, type StackState } from './folder.ts';
import { lastOutputOf, sizeOf, spawnUnit } from './spawn-unit.ts';

type Given = { folder: string; state: StackState; definitions: readonly AnyServiceDefinition[] };

/** Runs a script to its end, with the addresses and secrets of all services. */
const runToEnd = async (script: string, { folder, state, definitions }: Given): Promise<void> => {
  const logFile = logFileOf(folder, 'prepare');
  const offset = sizeOf(logFile);
  const { RABBITMQ_URL: _bus, REDIS_URL: _cache, ...env } = operatorVariables(definitions, state);
  const { exited } = await spawnUnit({
    file: process.execPath,
    args: [join(root, script)],
    env: {
      ...env,
      PATH: processEnv()['PATH'] ?? '',
      ...COMPILE_CACHE,
      DATA_FOLDER: folder,
    },
    cwd: root,
    logFile,
  });
  const how = await exited;
  if (how !== 'code 0') throw new Error(`${script} failed: ${lastOutputOf(logFile, offset)}`);
};

/** Migrates the databases: in production no service does so at its start. */
export const migrateDatabases = (given: Given): Promise<void> => runToEnd('scripts/migrate.ts', given);

/** Makes the demo data once, before the first process starts. */
export const makeDemoData = async (given: Given, say: (text: string) => void): Promise<void> => {
  if (!given.state.demo || existsSync(demoMarkerOf(given.folder))) return;
  say('making the demo data (once)');
  await runToEnd('broker/process/demo-data.ts', given);
};
