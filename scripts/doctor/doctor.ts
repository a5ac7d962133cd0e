// `npm run doctor`: what is wrong with this machine or with a running system. See HELP.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { processEnv, type Env } from '../../broker/process/config.ts';
import { dataFolderOf, portOf } from '../../broker/process/data-folder.ts';
import { prepareEmbedded } from '../../broker/process/embedded.ts';
import { allServices, findServices } from '../../broker/process/find-services.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { PORT_OFFSETS } from '../../broker/process/ports.ts';
import { readProcessSettings } from '../../broker/process/process-settings.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { givenEnv, placesOf } from '../backup/systems.ts';
import { UsageError } from '../events/system.ts';
import { operatorEnv } from '../stack/client.ts';
import { folderOf, readState, root, tlsFolder } from '../stack/folder.ts';
import { statusOf } from '../stack/up.ts';
import { checkRabbitmq, checkRedis } from './bus.ts';
import { checkCertificates, checkServed } from './certificates.ts';
import { checkContainers } from './containers.ts';
import { checkDatabase } from './databases.ts';
import { runCheck, wrong, type Finding } from './finding.ts';
import { checkDisk, checkPorts, checkPrograms, checkTools } from './machine.ts';
import { checkProcess, checkUnits } from './processes.ts';
import { checkFileModes, checkSettings } from './secrets.ts';

const HELP = `npm run doctor [-- --stack NAME | --compose] [--all] [--json]
Checks this machine and a system: versions, ports, disk, certificates, secrets and their files, settings,
databases (migrations, outboxes, jobs, connections), clocks, RabbitMQ's queues and dead letters, Redis, and
the state of processes. Says what is wrong and what to do.
  --stack NAME   a stack (npm run stack); otherwise the servers of RABBITMQ_URL and the services' database
                 variables, or else the instance on PORT; if that does not run, only the machine
  --compose      the containers that docker compose runs in the project's folder
  --servers      only the servers of the environment, without settings and machine
  --all          also prints what is right
Exit code 1: something is wrong. 2: the arguments are wrong.`;

const log = createLogger({ level: 'silent' });

/** Servers and data of a system whose addresses are known. */
const checkServers = async (definitions: readonly AnyServiceDefinition[], env: Env): Promise<Finding[]> => {
  const found: Finding[] = [];
  for (const place of placesOf(definitions, env)) {
    const { database } = definitions.find(({ contract }) => contract.service === place.service) ?? {};
    if (database) found.push(...(await checkDatabase(place, database.migrations)));
  }
  if (env['RABBITMQ_URL']) found.push(...(await checkRabbitmq(env)));
  if (env['REDIS_URL']) found.push(...(await checkRedis(env['REDIS_URL'])));
  return found;
};

const checkStack = async (name: string, definitions: readonly AnyServiceDefinition[]): Promise<Finding[]> => {
  const folder = folderOf(name);
  const state = readState(folder);
  if (!state) throw new UsageError(`There is no stack "${name}".`);
  const machine = [
    ...(await checkDisk(folder)),
    ...checkFileModes([join(folder, 'stack.json'), join(folder, 'postgres/postgres-secrets.json')]),
  ];
  const status = await statusOf(folder);
  const command = `npm run stack -- --name ${name}`;
  if (!status) return [...machine, wrong('stack', `The stack "${name}" does not run.`, command)];
  const env = await operatorEnv(name);
  return [
    ...machine,
    ...(await checkUnits(status, command)),
    ...(await checkServers(definitions, env)),
    ...(await checkServed(env['PUBLIC_URL'] ?? '')),
  ];
};

/** The instance on PORT; if it does not run, what its start needs. */
const checkInstance = async (definitions: readonly AnyServiceDefinition[]): Promise<Finding[]> => {
  const env = processEnv();
  const { port, metricsPort } = readProcessSettings(env);
  const folder = dataFolderOf(env);
  const files = ['secrets.json', 'postgres/postgres-secrets.json'].map((name) => join(folder, name));
  const machine = [...(await checkDisk(folder)), ...checkFileModes(files)];
  const alive = await fetch(`http://127.0.0.1:${portOf(env)}/health/live`).then(
    ({ ok }) => ok,
    () => false,
  );
  if (alive) {
    const embedded = await prepareEmbedded(definitions, env, log);
    const running = await checkProcess('instance', `http://127.0.0.1:${metricsPort}`);
    return [...machine, ...running, ...(await checkServers(definitions, embedded.env))];
  }
  const offsets = definitions.flatMap(({ portOffset }) => portOffset ?? []);
  const ports = [port, metricsPort, port + PORT_OFFSETS.postgres, ...offsets.map((offset) => port + offset)];
  const remedy = 'Stop that program, or choose other ports: PORT=3400 npm start';
  return [...machine, ...(await checkPorts([...new Set(ports)], remedy))];
};

type System = { stack?: string; compose?: boolean; servers?: boolean };

const checkSystem = async ({ stack, compose, servers }: System): Promise<Finding[]> => {
  if (compose) return checkContainers();
  const definitions = await allServices(processEnv());
  if (servers) return [...(await checkDisk(root)), ...(await checkServers(definitions, processEnv()))];
  if (stack !== undefined) return checkStack(stack, definitions);
  const env = givenEnv(definitions);
  if (!env) return [...checkPrograms(), ...(await checkInstance(definitions))];
  const chosen = await findServices(env);
  return [
    ...(await checkDisk(process.cwd())),
    ...checkSettings(chosen, env),
    ...(await checkServers(chosen, env)),
    ...(await checkServed(env['PUBLIC_URL'] ?? '')),
  ];
};

const print = (findings: readonly Finding[], all: boolean): string => {
  const shown = findings.filter(({ ok }) => all || !ok);
  const wrongs = findings.filter(({ ok }) => !ok).length;
  const lines = shown.flatMap(({ ok, about, text, remedy }) => [
    `${ok ? 'right' : 'WRONG'}  ${about}: ${text}`,
    ...(remedy ? [`       What to do: ${remedy}`] : []),
  ]);
  const count = wrongs === 0 ? 'nothing is wrong' : `${wrongs} wrong`;
  return [...lines, `${findings.length} checks, ${count}.`].join('\n');
};

const options = {
  stack: { type: 'string' },
  compose: { type: 'boolean' },
  servers: { type: 'boolean' },
  all: { type: 'boolean', default: false },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const run = async (): Promise<void> => {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(HELP);
  const machine = [
    ...checkTools(processEnv()),
    ...checkCertificates(tlsFolder),
    ...checkFileModes([join(root, '.env')]),
  ];
  const system = await runCheck('system', () => checkSystem(values));
  const findings = values.servers ? system : [...machine, ...system];
  console.log(values.json ? JSON.stringify(findings, null, 2) : print(findings, values.all));
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
};

run().catch((error: unknown) => {
  console.error(`doctor: ${(error as Error).message}`);
  process.exitCode = 2;
});
