// Changes how much the processes of a service log, while they run; back by itself after a time.
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { systemClock } from '../broker/process/clock.ts';
import { processEnv } from '../broker/process/config.ts';
import { dataFolderOf, runningOn } from '../broker/process/data-folder.ts';
import { allServices } from '../broker/process/find-services.ts';
import { levelFileOf } from '../broker/process/log-levels.ts';
import { createLogger } from '../broker/process/logger.ts';
import { runServices } from '../broker/process/run.ts';
import { defineService } from '../broker/process/service.ts';
import moleculerConfig from '../moleculer.config.ts';
import { contract } from '../shared/contracts/contract.ts';
import { LOG_LEVELS, logLevelChange, OPERATOR, type LogLevelChange } from '../shared/contracts/operations.ts';
import { operatorEnv } from './stack/client.ts';

const HELP = `npm run log-level -- SERVICE LEVEL [--minutes N] [--stack NAME]
Changes the log level of a service: of all its processes in a running stack, or in the instance on PORT.
  SERVICE    a service, or all
  LEVEL      ${LOG_LEVELS.join(', ')}
  --minutes  until it is as it was at the start (default: 60)`;

const options = {
  stack: { type: 'string' },
  minutes: { type: 'string', default: '60' },
  help: { type: 'boolean' },
} as const;

/** How long an answer and the list of the processes may take. */
const LIMIT_MS = 5_000;
const SETTLED_MS = 1_000;

/** As an operator, over RabbitMQ. Returns the processes. */
const changeInStack = async (
  stack: string,
  services: readonly string[],
  change: LogLevelChange,
): Promise<string[]> => {
  const operator = defineService({
    contract: contract(OPERATOR, { actions: {}, events: {} }),
    config: z.object({}),
    actions: {},
  });
  const running = await runServices({
    definitions: [operator],
    env: { ...(await operatorEnv(stack)), REPLICA: '1' },
    clock: systemClock,
    log: createLogger({ level: 'silent' }),
    broker: moleculerConfig,
  });
  try {
    const { nodes } = running.services.get(OPERATOR)!;
    const found = () => nodes.all().filter((node) => node.services.some((name) => services.includes(name)));
    const endMs = performance.now() + LIMIT_MS;
    while (found().length === 0 && performance.now() < endMs) await sleep(50);
    // All processes answer to one question, each on its own.
    await sleep(SETTLED_MS);
    return await Promise.all(
      found().map(async ({ nodeId, services: own }) => {
        for (const service of own.filter((name) => services.includes(name)))
          await nodes.ask('changeLogLevel', { nodeId, service }, change);
        return nodeId;
      }),
    );
  } finally {
    await running.stop();
  }
};

/** By a file and a signal, which only the owner of the process can send. Returns the process. */
const changeInInstance = async (services: readonly string[], change: LogLevelChange): Promise<string[]> => {
  const folder = dataFolderOf(processEnv());
  const pid = runningOn(folder);
  if (pid === null) throw new Error(`no instance runs on ${folder}`);
  const file = levelFileOf(folder);
  for (const service of services) {
    writeFileSync(file, JSON.stringify({ service, ...change }), { mode: 0o600 });
    process.kill(pid, 'SIGUSR2');
    const endMs = performance.now() + LIMIT_MS;
    while (existsSync(file)) {
      if (performance.now() > endMs) {
        rmSync(file, { force: true });
        throw new Error(`process ${pid} did not change it; its log says why`);
      }
      await sleep(20);
    }
  }
  return [`process ${pid}`];
};

const run = async (): Promise<string> => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [service = '', level] = positionals;
  if (values.help || positionals.length === 0) return HELP;
  const change = logLevelChange.safeParse({ level, minutes: Number(values.minutes) });
  if (!change.success) throw new Error(`it takes a service and one of ${LOG_LEVELS.join(', ')}\n${HELP}`);
  const known = (await allServices(processEnv())).map(({ contract: { service: name } }) => name);
  const services = service === 'all' ? known : known.filter((name) => name === service);
  if (services.length === 0) throw new Error(`there is no service ${service}; there are ${known.join(', ')}`);
  const changed = values.stack
    ? await changeInStack(values.stack, services, change.data)
    : await changeInInstance(services, change.data);
  if (changed.length === 0) throw new Error(`no process of ${service} runs`);
  return `${service} logs ${level} for ${values.minutes} minutes: ${changed.join(', ')}`;
};

run().then(
  (text) => {
    console.log(text);
    process.exit(0);
  },
  (error: Error) => {
    console.error(`log-level: ${error.message}`);
    process.exit(1);
  },
);
