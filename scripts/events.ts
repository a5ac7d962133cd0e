// `npm run events`: where events are on their way, which of them died, and sending those back.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { processEnv, type Env } from '../broker/process/config.ts';
import { portOf } from '../broker/process/data-folder.ts';
import { prepareEmbedded } from '../broker/process/embedded.ts';
import { createLogger } from '../broker/process/logger.ts';
import { findServices } from '../broker/process/find-services.ts';
import { commands, openSystem, UsageError } from './events/commands.ts';
import { operatorEnv } from './stack/client.ts';

const HELP = `npm run events [-- COMMAND] [--stack NAME] [--json]
Where events are on their way.
  list                 per service: events waiting, to be tried again, dead; how far the outbox lags (default)
  dead [SERVICE]          dead letters, the oldest first
  replay SERVICE ID …     sends dead letters back to the service that could not handle them
  replay SERVICE --all    all of them; with --dry-run says which, and sends none
  --stack NAME         a stack (npm run stack); else the copy that PORT says, or what RABBITMQ_URL and the
                       services' database variables point at
  --json               for programs`;

const log = createLogger({ level: 'silent' });

/** The environment of what is asked about. */
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
      `Nothing answers at ${url}: start Payloom, say PORT, or name a stack (--stack default)`,
    );
  }
  return (await prepareEmbedded(await findServices({}), env, log)).env;
};

const options = {
  stack: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

const readArguments = () => {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
};

const run = async (): Promise<string> => {
  const { values, positionals } = readArguments();
  const [name = 'list', ...words] = positionals;
  if (values.help || name === 'help') return HELP;
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`There is no command ${name}: list, dead, replay.`);
  const system = await openSystem(await findEnv(values.stack));
  try {
    return await command(system, words, values);
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
