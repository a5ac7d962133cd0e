// `npm run audit`: is the audit log as it was written?
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openDatabase } from '../broker/postgres/database.ts';
import { processEnv, type Env } from '../broker/process/config.ts';
import { findServices } from '../broker/process/find-services.ts';
import { createLogger } from '../broker/process/logger.ts';
import { checkpointKeyOf } from '../services/admin/audit/checkpoint-key.ts';
import { verifyFile } from '../services/admin/audit/export-file.ts';
import { verifyDatabase } from '../services/admin/audit/verify.ts';
import { givenEnv, openInstance } from './backup/systems.ts';
import { operatorEnv } from './stack/client.ts';

const HELP = `npm run audit -- verify [--key PUBLIC_KEY …] [--known POSITION:HASH] [--stack NAME]
npm run audit -- verify FILE [--key PUBLIC_KEY …]
npm run audit -- key [--stack NAME]

verify reads the whole audit log and names every entry that was changed, removed, moved or inserted past the
chain, links and checkpoints that were changed, and a missing end; then it ends with 1. PORT selects the
instance, or ADMIN_DATABASE_URL names the database. The checkpoints must be signed with the key of
ADMIN_AUDIT_KEY, or with one that --key gives: those of former secrets, or kept elsewhere.
It prints the last checkpoint. Keep it where the database's administrator cannot reach it, and give it later
with --known: who can write as the tables' owner can cut the log back to an earlier checkpoint, and only
what is known elsewhere shows it. What was removed before it was sealed, about a second after the act, shows
for some days only: by the inbox, and by the kept events of the publishers.

verify FILE checks an export (GET /api/admin/audit.json) without the system, by its public key: it names what
was changed, removed, inserted or moved in the file, and a missing end.

key prints the public key.`;

class UsageError extends Error {
  override readonly name = 'UsageError';
}

const PROBLEMS_SHOWN = 100;
const log = createLogger({ level: 'silent' });

const readArguments = () => {
  const options = {
    key: { type: 'string', multiple: true },
    known: { type: 'string' },
    stack: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

/** The variables of the system that is meant, while `use` runs. */
const withEnv = async <T>(stack: string | undefined, use: (env: Env) => Promise<T>): Promise<T> => {
  if (stack !== undefined) return use(await operatorEnv(stack));
  if (givenEnv(await findServices({ SERVICES: 'admin' }))) return use(processEnv());
  const instance = await openInstance(true);
  try {
    return await use(instance.env);
  } finally {
    await instance.close();
  }
};

const ownKeys = ({ ADMIN_AUDIT_KEY: secret }: Env): string[] =>
  secret ? [checkpointKeyOf(secret).publicKey] : [];

type Known = { position: number; hash: string };

const knownOf = (text: string | undefined): Known | null => {
  if (text === undefined) return null;
  const [, position, hash = ''] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (position === undefined) throw new UsageError('--known is POSITION:HASH, as verify prints it.');
  return { position: Number(position), hash };
};

const wholeOr = (problems: readonly string[], what: string): void => {
  for (const problem of problems.slice(0, PROBLEMS_SHOWN)) console.error(problem);
  if (problems.length > 0) throw new Error(`${problems.length} things are wrong with ${what}.`);
};

const verify = async (env: Env, keys: readonly string[], known: Known | null): Promise<string> => {
  const trusted = [...ownKeys(env), ...keys];
  if (trusted.length === 0) throw new UsageError('There is no key: set ADMIN_AUDIT_KEY, or give --key.');
  const url = env['ADMIN_DATABASE_URL'];
  if (!url) throw new UsageError('ADMIN_DATABASE_URL must be set.');
  const db = openDatabase({ url, poolSize: 1, name: 'audit', log });
  try {
    const { problems, positions, checkpoints, unsealed, end } = await db.session((session) =>
      verifyDatabase(session, trusted, known),
    );
    wholeOr(problems, 'the audit log');
    const last = end ? `${end.position}:${end.hash.toString('hex')} of ${end.at.toISOString()}` : 'none';
    return [
      `The audit log is whole: ${positions} entries, ${checkpoints} checkpoints, ${unsealed} not sealed yet.`,
      `The last checkpoint: ${last}`,
    ].join('\n');
  } finally {
    await db.close();
  }
};

/** Needs no system where --key gives the public key. */
const checkFile = async (
  file: string,
  keys: readonly string[],
  stack: string | undefined,
): Promise<string> => {
  const trusted = keys.length > 0 ? keys : await withEnv(stack, async (env) => ownKeys(env));
  if (trusted.length === 0) throw new UsageError('There is no key: give --key.');
  const { problems, entries, linked } = verifyFile(await readFile(file, 'utf8'), trusted);
  wholeOr(problems, file);
  return `${file} is as it was exported: ${entries} entries, ${linked} with their place in the chain.`;
};

const run = async (): Promise<string> => {
  const { values, positionals } = readArguments();
  const [command, file, ...others] = positionals;
  if (values.help || command === 'help') return HELP;
  if (others.length > 0 || (command !== 'verify' && (command !== 'key' || file !== undefined)))
    throw new UsageError('The commands are verify and key.');
  const known = knownOf(values.known);
  if (file !== undefined) return checkFile(file, values.key ?? [], values.stack);
  return withEnv(values.stack, async (env) => {
    if (command === 'verify') return verify(env, values.key ?? [], known);
    const [key] = ownKeys(env);
    if (!key) throw new UsageError('ADMIN_AUDIT_KEY must be set.');
    return key;
  });
};

run().then(
  (text) => console.log(text),
  (error: unknown) => {
    console.error(`audit: ${(error as Error).message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
