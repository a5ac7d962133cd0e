// Deploys one micro-frontend alone: to all users or a share of them, and back.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { remoteNames, WEB_DIR } from '../mfes/remote-names.ts';
import { changeRemote, listRemotes } from '../mfes/deploy.ts';

const HELP = `npm run deploy-remote -- NAME [--canary PERCENT] [--version VERSION] [--to FOLDER]
npm run deploy-remote -- rollback NAME | promote NAME | list [--to FOLDER]
Deploys one micro-frontend alone; the shell and the others stay as they are.
  NAME        ${remoteNames().join(', ')}: it is built if its sources have changed
  --canary    only for this share of the users, 1 to 99; the same users each time
  --version   one that is kept (see list), instead of what the sources are now
  --to        another folder that is served (default: dist/web)
  rollback    ends a canary, or takes the version back that was deployed last
  promote     gives the version of a canary to everybody
  list        the versions of each micro-frontend`;

const options = {
  canary: { type: 'string' },
  version: { type: 'string' },
  to: { type: 'string', default: WEB_DIR },
  help: { type: 'boolean' },
} as const;

const COMMANDS = ['rollback', 'promote'] as const;
type Command = (typeof COMMANDS)[number];
const isCommand = (word: string): word is Command => COMMANDS.includes(word as Command);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const run = async (): Promise<string> => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [first, second] = positionals;
  if (values.help || first === undefined) return HELP;
  const root = resolve(values.to);
  if (!existsSync(join(root, 'index.html')))
    throw new Error(`there are no pages in ${root}; npm run build makes them in dist/web`);
  if (first === 'list') return listRemotes(root);
  const name = isCommand(first) ? second : first;
  if (name === undefined) throw new Error(`which micro-frontend? There are ${remoteNames().join(', ')}`);
  if (!remoteNames().includes(name))
    throw new Error(`there is no micro-frontend ${name}; there are ${remoteNames().join(', ')}`);
  if (isCommand(first)) return changeRemote(root, name, { kind: first });
  const percent = values.canary === undefined ? null : Number(values.canary);
  const deploy = (version: string, from: string) =>
    changeRemote(root, name, { kind: 'deploy', version, percent, from });
  if (values.version !== undefined) return deploy(values.version, root);
  // The bundler is loaded only where something is built.
  const { buildRemote, noteDeployed } = await import('../mfes/build.ts');
  const done = await deploy(await buildRemote(name, { say }), WEB_DIR);
  if (root === WEB_DIR) await noteDeployed(name);
  return done;
};

run().then(say, (error: Error) => {
  process.stderr.write(`deploy-remote: ${error.message}\n`);
  process.exitCode = 1;
});
