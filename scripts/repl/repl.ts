// Joins a running stack as an operator and opens Moleculer's REPL on it.
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { systemClock } from '../../broker/process/clock.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { openRepl } from '../../broker/process/repl.ts';
import { defineService } from '../../broker/process/service.ts';
import { findServices } from '../../broker/process/find-services.ts';
import { runServices } from '../../broker/process/run.ts';
import moleculerConfig from '../../moleculer.config.ts';
import { contract } from '../../shared/contracts/contract.ts';
import { operatorEnv } from '../stack/client.ts';
import { commandsOf } from './commands.ts';

const HELP = `npm run repl [-- --stack NAME]
Joins the running stack over RabbitMQ. Beside Moleculer's own commands (nodes, services, actions, call …):
  payment ID              everything that is known of one payment
  outbox                  events that wait in each service's outbox, and how long
  deadletters [SERVICE]      events that were given up, with their causes
  replay SERVICE [ID|all]    sends them back to the service; --dry-run only says which
  call ACTION --param X   calls as a service; --#userId usr_… --#role CUSTOMER as a user, --#key K with a key`;

const options = { stack: { type: 'string', default: 'default' }, help: { type: 'boolean' } } as const;

const open = async (): Promise<void> => {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(HELP);
  const env = { ...(await operatorEnv(values.stack)), REPLICA: '1' };
  const services = await findServices({});
  // A service that answers nobody: it is here to call.
  const operator = defineService({
    contract: contract('operator', { actions: {}, events: {} }),
    config: z.object({}),
    calls: services.map((service) => service.contract.service),
    actions: {},
  });
  const log = createLogger({ level: 'warn' });
  const running = await runServices({
    definitions: [operator],
    env,
    clock: systemClock,
    log,
    broker: moleculerConfig,
  });
  console.log(
    `joined the stack ${values.stack}; \`help\` lists the commands, \`payment\` and others are ours`,
  );
  const end = async () => {
    await running.stop();
    process.exit(0);
  };
  openRepl(running, end, commandsOf(running, env));
};

open().catch((error: unknown) => {
  console.error(`repl: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
