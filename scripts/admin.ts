// `npm run admin -- create`: creates an administrator, the one role without registration.
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
import { auth, type User } from '../shared/contracts/auth/auth.ts';
import type { ParamsOf } from '../shared/contracts/contract.ts';
import type { FieldError } from '../shared/contracts/errors.ts';

const HELP = `Creates an administrator.

  npm run admin -- create --email ada@example.com --name "Ada Lovelace"

The password is read from the terminal. Without a terminal it is read from standard input or from
ADMIN_PASSWORD:

  echo "$SECRET" | npm run admin -- create --email ada@example.com --name "Ada Lovelace"

Works while Payloom is running and while it is not. PORT selects the instance, as for npm start;
AUTH_DATABASE_URL names a database of your own.
`;

/** A mistake in the arguments or the input; its message is for the user. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

type NewAdmin = ParamsOf<typeof auth.actions.createUser>;
type CreateUser = (params: NewAdmin) => Promise<User>;

const readOptions = (args: string[]): { email: string; name: string } | 'help' => {
  const options = {
    email: { type: 'string' },
    name: { type: 'string' },
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
  if (positionals.length !== 1 || positionals[0] !== 'create') {
    throw new UsageError('The only command is create.');
  }
  if (!values.email) throw new UsageError('The e-mail address is missing: --email ada@example.com');
  if (!values.name) throw new UsageError('The name is missing: --name "Ada Lovelace"');
  return { email: values.email, name: values.name };
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
const withAuth = async <T>(env: Env, use: (createUser: CreateUser) => Promise<T>): Promise<T> => {
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
        async (params) => (await send(running.origin, auth.actions.createUser, params, options)).result,
      );
    } finally {
      await running.stop();
    }
  } finally {
    if (!isShared) await embedded.stop();
  }
};

const run = async (args: string[], env: Env): Promise<void> => {
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(HELP);
    return;
  }
  checkParams(options);
  const params: NewAdmin = { ...options, password: await readPassword(env), role: 'ADMIN' };
  checkParams(params);
  const user = await withAuth(env, (createUser) => createUser(params));
  process.stdout.write(`Created the administrator ${user.name} <${user.email}> (${user.id}).\n`);
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
