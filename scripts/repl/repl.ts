// Joins a running stack as an operator and opens Moleculer's REPL on it.
import { parseArgs } from 'node:util';
import * as z from 'zod/mini';
import { systemClock } from '../../broker/process/clock.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { openRepl } from '../../broker/process/repl.ts';
import { defineService } from '../../broker/process/service.ts';
import { processEnv } from '../../broker/process/config.ts';
import { allServices } from '../../broker/process/find-services.ts';
import { runServices } from '../../broker/process/run.ts';
import moleculerConfig from '../../moleculer.config.ts';
import { contract } from '../../shared/contracts/contract.ts';
import { operatorEnv } from '../stack/client.ts';
import { commandsOf } from './commands.ts';

const HELP = `npm run repl [-- --stack NAME]
Connects to a running stack over RabbitMQ. Commands beside Moleculer's own (nodes, services, actions …):
  payment ID               a payment with its history, postings, webhooks, next step and unpublished events
  jobs                     the periodic jobs of all services: last run, duration, error
  outbox                   events per service: in its outbox and its queues
  deadletters [SERVICE]    dead letters with their causes
  replay SERVICE [ID|all]  returns dead letters to the service's queue; --dry-run only lists them
  call ACTION --param X    calls as a service; as a user with --#userId usr_… --#role CUSTOMER;
                           with an idempotency key: --#key K`;

const options = { stack: { type: 'string', default: 'default' }, help: { type: 'boolean' } } as const;

const open = async (): Promise<void> => {
  const { values } = parseArgs({ options });
  if (values.help) return console.log(HELP);
  const env = { ...(await operatorEnv(values.stack)), REPLICA: '1' };
  const services = await allServices(processEnv());
  // A service without actions of its own: it only calls.
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
  console.log(`connected to the stack ${values.stack}; \`help\` lists all commands`);
  const end = async () => {
    await running.stop();
    process.exit(0);
  };
  openRepl(running, end, commandsOf(running, env), () => void end());
};

open().catch((error: unknown) => {
  console.error(`repl: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
