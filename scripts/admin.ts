// `npm run admin -- create`: makes an administrator, the one role that nobody can register for.
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

const HELP = `Makes an administrator.

  npm run admin -- create --email ada@example.com --name "Ada Lovelace"

The password is asked for on the terminal. Without a terminal it is read from standard input,
or from ADMIN_PASSWORD:

  echo "$SECRET" | npm run admin -- create --email ada@example.com --name "Ada Lovelace"

Works while Payloom is running and while it is not. PORT says which copy is meant, as it does for
npm start; AUTH_DATABASE_URL names a database of your own.
`;

/** A mistake of the person at the keyboard, in a sentence for them. */
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
    throw new UsageError('Say what to do: there is one command, create.');
  }
  if (!values.email) throw new UsageError('Say whose account it is: --email ada@example.com');
  if (!values.name) throw new UsageError('Say the name of the person: --name "Ada Lovelace"');
  return { email: values.email, name: values.name };
};

/** Asks on the terminal; what is typed is not shown. */
const askHidden = (question: string): Promise<string> =>
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
      if (answer === null) reject(new UsageError('Nothing was made.'));
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
  const password = await askHidden('Password: ');
  checkParams({ password });
  if ((await askHidden('Once more: ')) !== password) throw new UsageError('The two passwords differ.');
  return password;
};

const SPOKEN: Readonly<Record<string, string>> = {
  email: '--email',
  name: '--name',
  password: 'The password',
};

const sentencesOf = (errors: readonly FieldError[]): string =>
  errors.map(({ path, message }) => `${SPOKEN[path] ?? path} ${message}.`).join('\n');

/** Complains about those of the given fields that are wrong, before anything is started. */
const checkParams = (given: Partial<NewAdmin>): void => {
  const parsed = auth.actions.createUser.params.safeParse({ role: 'ADMIN', ...given });
  if (parsed.success) return;
  const wrong = fieldErrorsOf(parsed.error.issues).filter(({ path }) => Object.hasOwn(given, path));
  if (wrong.length > 0) throw new UsageError(sentencesOf(wrong));
};

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.end());
  });

/** Runs the auth service for one use, on the database of the running copy or on one started for it. */
const withAuth = async <T>(env: Env, use: (createUser: CreateUser) => Promise<T>): Promise<T> => {
  const dataFolder = dataFolderOf(env);
  mkdirSync(dataFolder, { recursive: true });
  const log = createLogger({ level: 'warn', file: join(dataFolder, 'payloom.log') });
  const definitions = await findServices({ ...env, SERVICES: 'auth' });
  // A server that a running copy uses is not ours to stop.
  const isShared = await isListening(portOf(env) + PORT_OFFSETS.postgres);
  const embedded = await prepareEmbedded(definitions, env, log);
  try {
    const running = await runServices({
      definitions,
      env: embedded.env,
      clock: systemClock,
      log,
      broker: moleculerConfig,
      // Its events wait in the outbox for the process in which they are heard.
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
  process.stdout.write(`Made the administrator ${user.name} <${user.email}> (${user.id}).\n`);
};

/** What went wrong as sentences; what nobody foresaw is shown as it is. */
const explain = (error: unknown): string => {
  if (error instanceof UsageError) return `${error.message}\nnpm run admin -- --help says more.`;
  if (error instanceof ConfigError) return `The configuration is not complete:\n${error.message}`;
  if (isAppError(error)) return explainAnswer(error);
  return error instanceof Error ? error.message : String(error);
};

const explainAnswer = (error: AppError): string => {
  if (error.code === 'invalid_params') return sentencesOf(error.data.errors ?? []);
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
