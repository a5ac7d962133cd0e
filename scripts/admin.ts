// `npm run admin`: what an operator does without an account. `create` creates an administrator, the one role
// without registration; `rotate-keys` replaces the keys that sign access tokens.
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { send } from '../broker/calls/call.ts';
import { systemClock } from '../broker/process/clock.ts';
import { ConfigError, processEnv, type Env } from '../broker/process/config.ts';
import { dataFolderOf, portOf } from '../broker/process/data-folder.ts';
import { prepareEmbedded } from '../broker/process/embedded.ts';
import type { AppError } from '../broker/calls/errors.ts';
import { isAppError } from '../broker/calls/errors.ts';
import { newId } from '../broker/process/ids.ts';
import { fieldErrorsOf } from '../broker/calls/implement.ts';
import { createLogger } from '../broker/process/logger.ts';
import { PORT_OFFSETS } from '../broker/process/ports.ts';
import { findServices } from '../broker/process/find-services.ts';
import { runServices } from '../broker/process/run.ts';
import moleculerConfig from '../moleculer.config.ts';
import { auth } from '../shared/contracts/auth/auth.ts';
import type { Action, ParamsOf, ResultOf } from '../shared/contracts/contract.ts';
import type { FieldError } from '../shared/contracts/errors.ts';

const HELP = `Creates an administrator, or replaces the keys that sign access tokens.

  npm run admin -- create --email ada@example.com --name "Ada Lovelace"
  npm run admin -- rotate-keys --reason "A backup of the database was copied"

rotate-keys is for emergencies: a new key signs at once, and no access token of the former keys is accepted
any more. Clients refresh their tokens; no session ends.

The password is read from the terminal. Without a terminal it is read from standard input or from
ADMIN_PASSWORD:

  echo "$SECRET" | npm run admin -- create --email ada@example.com --name "Ada Lovelace"

Works while Payloom is running and while it is not. PORT selects the instance, as for npm start;
AUTH_DATABASE_URL names a database of your own, with its AUTH_KEY_SEAL. With RABBITMQ_URL and SERVICE_KEY_AUTH
rotate-keys notifies all processes itself; otherwise they follow within about a second, when an auth process
publishes the event.
`;

/** A mistake in the arguments or the input; its message is for the user. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

type NewAdmin = ParamsOf<typeof auth.actions.createUser>;
type CallAuth = <A extends Action>(action: A, params: ParamsOf<A>) => Promise<ResultOf<A>>;
type Command =
  | { name: 'create'; given: { email: string; name: string } }
  | { name: 'rotate-keys'; reason: string }
  | 'help';

const readCommand = (args: string[]): Command => {
  const options = {
    email: { type: 'string' },
    name: { type: 'string' },
    reason: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
  const { values, positionals } = parsed;
  if (values.help || positionals[0] === 'help') return 'help';
  if (positionals.length === 1 && positionals[0] === 'rotate-keys') {
    if (!values.reason) throw new UsageError('The reason is missing: --reason "A backup was copied"');
    return { name: 'rotate-keys', reason: values.reason };
  }
  if (positionals.length !== 1 || positionals[0] !== 'create') {
    throw new UsageError('The commands are create and rotate-keys.');
  }
  if (!values.email) throw new UsageError('The e-mail address is missing: --email ada@example.com');
  if (!values.name) throw new UsageError('The name is missing: --name "Ada Lovelace"');
  return { name: 'create', given: { email: values.email, name: values.name } };
};

/** Reads a line from the terminal without showing it. */
const readHidden = (question: string): Promise<string> =>
  new Promise((resolve, reject) => {
    process.stderr.write(question);
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
    let answer: string | null = null;
    terminal.once('SIGINT', () => terminal.close());
    terminal.once('line', (line) => {
      answer = line;
      terminal.close();
    });
    terminal.once('close', () => {
      process.stderr.write('\n');
      if (answer === null) reject(new UsageError('No account was created.'));
      else resolve(answer);
    });
  });

const readPassword = async (env: Env): Promise<string> => {
  if (env['ADMIN_PASSWORD']) return env['ADMIN_PASSWORD'];
  if (!process.stdin.isTTY) {
    const [line = ''] = (await text(process.stdin)).split(/\r?\n/);
    if (line === '')
      throw new UsageError('There is no password, neither on standard input nor in ADMIN_PASSWORD.');
    return line;
  }
  const password = await readHidden('Password: ');
  checkParams({ password });
  if ((await readHidden('Once more: ')) !== password) throw new UsageError('The two passwords differ.');
  return password;
};

const LABELS: Readonly<Record<string, string>> = {
  email: '--email',
  name: '--name',
  password: 'The password',
  reason: '--reason',
};

const messagesOf = (errors: readonly FieldError[]): string =>
  errors.map(({ path, message }) => `${LABELS[path] ?? path} ${message}.`).join('\n');

/** @throws UsageError for the given fields that are not valid, before anything is started */
const checkParams = (given: Partial<NewAdmin>): void => {
  const parsed = auth.actions.createUser.params.safeParse({ role: 'ADMIN', ...given });
  if (parsed.success) return;
  const wrong = fieldErrorsOf(parsed.error.issues).filter(({ path }) => Object.hasOwn(given, path));
  if (wrong.length > 0) throw new UsageError(messagesOf(wrong));
};

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });

/** Runs the auth service for one call, on the database of the running instance or one started for it. */
const withAuth = async <T>(env: Env, use: (call: CallAuth) => Promise<T>): Promise<T> => {
  const dataFolder = dataFolderOf(env);
  mkdirSync(dataFolder, { recursive: true });
  const log = createLogger({ level: 'warn', file: join(dataFolder, 'payloom.log') });
  const definitions = await findServices({ ...env, SERVICES: 'auth' });
  // The database of a running instance must not be stopped.
  const isShared = await isListening(portOf(env) + PORT_OFFSETS.postgres);
  const embedded = await prepareEmbedded(definitions, env, log);
  try {
    const running = await runServices({
      definitions,
      env: embedded.env,
      clock: systemClock,
      log,
      broker: moleculerConfig,
      // Its events stay in the outbox until the instance runs, where their subscribers are.
      relay: false,
    });
    const options = { caller: null, requestId: newId('event', systemClock.nowMs()) };
    try {
      return await use(
        async (action, params) => (await send(running.origin, action, params, options)).result,
      );
    } finally {
      await running.stop();
    }
  } finally {
    if (!isShared) await embedded.stop();
  }
};

const create = async (given: { email: string; name: string }, env: Env): Promise<string> => {
  checkParams(given);
  const params: NewAdmin = { ...given, password: await readPassword(env), role: 'ADMIN' };
  checkParams(params);
  const user = await withAuth(env, (call) => call(auth.actions.createUser, params));
  return `Created the administrator ${user.name} <${user.email}> (${user.id}).`;
};

const rotateKeys = async (reason: string, env: Env): Promise<string> => {
  const { id } = await withAuth(env, (call) => call(auth.actions.revokeKeys, { reason }));
  return `The key ${id} signs access tokens now; those of all former keys are void.`;
};

const run = async (args: string[], env: Env): Promise<void> => {
  const command = readCommand(args);
  if (command === 'help') return void process.stdout.write(HELP);
  const done =
    command.name === 'create' ? await create(command.given, env) : await rotateKeys(command.reason, env);
  process.stdout.write(`${done}\n`);
};

/** An error as sentences; an unexpected one with its own message. */
const explain = (error: unknown): string => {
  if (error instanceof UsageError) return `${error.message}\nSee npm run admin -- --help.`;
  if (error instanceof ConfigError) return `The configuration is not complete:\n${error.message}`;
  if (isAppError(error)) return explainAnswer(error);
  return error instanceof Error ? error.message : String(error);
};

const explainAnswer = (error: AppError): string => {
  if (error.code === 'invalid_params') return messagesOf(error.data.errors ?? []);
  if (error.code === 'unavailable') return 'The database of the auth service cannot be reached.';
  return error.message;
};

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  await run(process.argv.slice(2), processEnv());
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
