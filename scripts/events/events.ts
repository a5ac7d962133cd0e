// `npm run events`: events in queues and outboxes, dead letters and their replay. See HELP.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { processEnv, type Env } from '../../broker/process/config.ts';
import { portOf } from '../../broker/process/data-folder.ts';
import { prepareEmbedded } from '../../broker/process/embedded.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { allServices } from '../../broker/process/find-services.ts';
import { commands, openSystem } from './commands.ts';
import { UsageError } from './system.ts';
import { operatorEnv } from '../stack/client.ts';

const HELP = `npm run events [-- COMMAND] [--stack NAME] [--json]
  list                    per service: events waiting, retrying, dead and in the outbox (default)
  dead [SERVICE]          dead letters, the oldest first
  replay SERVICE ID …     returns dead letters to the queue of the service that could not handle them
  replay SERVICE --all    all of them; with --dry-run only lists them
  replay --to SERVICE [--from TIME] [--event NAME …]
                          sends published events, which are kept for EVENTS_KEPT_DAYS, to the queue of a
                          new or rebuilt service; after an interruption the same command resumes
  upgrade                 declares all queues on RabbitMQ and moves messages from those of an older version,
                          whose processes must be stopped; npm run stack does so at its start
  --stack NAME            a stack (npm run stack); otherwise the instance on PORT, or RABBITMQ_URL and the
                          services' database variables
  --json                  for programs`;

const log = createLogger({ level: 'silent' });

/** The variables of the system that the command is about. */
const findEnv = async (stack: string | undefined): Promise<Env> => {
  if (stack !== undefined) return operatorEnv(stack);
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = processEnv();
  if (env['RABBITMQ_URL']) return env;
  const url = `http://127.0.0.1:${portOf(env)}/health/live`;
  const alive = await fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );
  if (!alive) {
    throw new UsageError(
      `Nothing answers at ${url}: start Payloom, set PORT, or name a stack (--stack default)`,
    );
  }
  return (await prepareEmbedded(await allServices(processEnv()), env, log)).env;
};

const options = {
  stack: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  to: { type: 'string' },
  from: { type: 'string' },
  event: { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

const readArguments = () => {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
};

const isCommand = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name);

const run = async (): Promise<string> => {
  const { values, positionals } = readArguments();
  const [name = 'list', ...args] = positionals;
  if (values.help || name === 'help') return HELP;
  if (!isCommand(name))
    throw new UsageError(`There is no command ${name}; there are ${Object.keys(commands).join(', ')}.`);
  const system = await openSystem(await findEnv(values.stack), (line) => console.error(line));
  try {
    return await commands[name](system, args, values);
  } finally {
    await system.close();
  }
};

run().then(
  (text) => console.log(text),
  (error: unknown) => {
    const { message, cause } = error as Error;
    console.error(`events: ${cause instanceof Error ? `${message} (${cause.message})` : message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
