// `npm run seed`: fills a system with users and payments, to try it and to measure it at a size. See HELP.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { Client } from 'pg';
import { findServices } from '../../broker/process/find-services.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { createPasswordHashing } from '../../services/auth/accounts/password-hashing.ts';
import { connectTo } from '../backup/connect.ts';
import { findSource, placesOf, type Source } from '../backup/systems.ts';
import { databaseOf, UsageError } from '../events/system.ts';
import { seedPayments } from './seed-payments.ts';
import { seedUsers } from './seed-users.ts';

const HELP = `npm run seed -- --users N --payments N [--no-audit] [--password PASSWORD] [--stack NAME]
Fills a running system, or the instance on PORT, with users of two years and payments of one: a fifth of the
users are vendors; payments are completed, failed or cancelled, with their history, postings, operations,
charges at the processor's sandbox, and an entry in the audit log each. Users of an earlier run are kept, and
payments are added. While payments are written, those of other users wait.
  --users N            up to 1,000,000
  --payments N         up to 10,000,000
  --no-audit           no entries in the audit log
  --password PASSWORD  with which all of them can sign in; otherwise none of them can
  --seed N             other people and payments (default 1)
  --stack NAME         a stack; otherwise as for npm run backup
Not for a system that real people use: what it writes looks like what they do.
Exit code 0: all is written. 1: it failed; nothing of what was not finished is left. 2: wrong arguments.`;

const LIMITS = { users: 1_000_000, payments: 10_000_000, seed: 4_294_967_295 } as const;

const numberOf = (name: keyof typeof LIMITS, text: string | undefined): number => {
  if (text === undefined) throw new UsageError(`Say how many: --${name} N.`);
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Infinity;
  if (number > LIMITS[name])
    throw new UsageError(`--${name} takes a whole number up to ${LIMITS[name].toLocaleString('en')}.`);
  return number;
};

const readArguments = () => {
  try {
    return parseArgs({
      options: {
        users: { type: 'string' },
        payments: { type: 'string' },
        'no-audit': { type: 'boolean' },
        password: { type: 'string' },
        seed: { type: 'string', default: '1' },
        stack: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
};

const connectAll = async (source: Source): Promise<Map<string, Client>> => {
  const clients = new Map<string, Client>();
  for (const place of placesOf(await findServices({}), source.env))
    clients.set(place.service, await connectTo(place, 'seed'));
  return clients;
};

const passwordOf = async (password: string | undefined) => {
  const { hash } = await createPasswordHashing();
  return {
    hash: await hash(password ?? randomBytes(32).toString('base64url')),
    state: password === undefined ? ('reset' as const) : ('set' as const),
  };
};

const run = async (): Promise<void> => {
  const values = readArguments();
  if (values.help) return console.log(HELP);
  const users = numberOf('users', values.users);
  const payments = numberOf('payments', values.payments);
  const seed = numberOf('seed', values.seed);
  if (payments > 0 && users < 10) throw new UsageError('Payments need at least 10 users.');
  const source = await findSource(values.stack);
  const clients = await connectAll(source);
  const given = { seed, nowMs: systemClock.nowMs(), say: (line: string) => console.log(line) };
  try {
    const password = await passwordOf(values.password);
    const people = await seedUsers(clients, { ...given, count: users, password });
    const db = databaseOf(source.system, 'payments');
    if (payments > 0)
      await seedPayments(clients, { ...given, db, people, count: payments, audit: !values['no-audit'] });
  } finally {
    for (const client of clients.values()) await client.end();
    await source.close();
  }
};

run().catch((error: unknown) => {
  console.error(`seed: ${(error as Error).message}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
