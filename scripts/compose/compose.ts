// npm run compose: what operators of the containers need beside `docker compose`. See HELP.
import { parseArgs } from 'node:util';
import { sizes } from './sizes.ts';
import { update } from './update.ts';

const HELP = `npm run compose -- COMMAND
  update [SERVICE …]   a rolling update to the present images: migrations, then one service after the other,
                       each with its new containers beside the old ones until they are ready
  sizes                the memory of each container, and the sizes of the images

Files and project are those of docker compose: COMPOSE_FILE and COMPOSE_PROJECT_NAME name others.`;

const say = (line: string): void => console.log(line);

const run = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  const [command, ...args] = positionals;
  if (values.help || command === undefined || command === 'help') return say(HELP);
  if (command === 'update') return update(args, say);
  if (command === 'sizes') return say(await sizes());
  throw new Error(`There is no command ${command}.\n${HELP}`);
};

run().catch((error: unknown) => {
  console.error(`compose: ${(error as Error).message}`);
  process.exitCode = 1;
});
