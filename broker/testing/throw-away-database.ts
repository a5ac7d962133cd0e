import { createHash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { openDatabase } from '../postgres/database.ts';
import { readMigrations } from '../postgres/migration-files.ts';
import { migrate } from '../postgres/migrations.ts';
import { systemClock } from '../process/clock.ts';
import { processEnv } from '../process/config.ts';
import { createLogger } from '../process/logger.ts';

/** Held while a template is made; the number is arbitrary. */
const TEMPLATE_LOCK = 1_907_334;

const serverUrl = (): string => {
  const url = processEnv()['PAYLOOM_TEST_POSTGRES'];
  if (!url || url === 'none') throw new Error('this test needs PostgreSQL: run it through Jest');
  return url;
};

const urlOf = (database: string): string => {
  const url = new URL(serverUrl());
  url.pathname = `/${database}`;
  return url.href;
};

const withClient = async <T>(url: string, use: (client: Client) => Promise<T>): Promise<T> => {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

const newName = (): string => `test_${randomBytes(6).toString('hex')}`;

/** pg_trgm as in embedded mode. */
const create = async (owner: Client, name: string): Promise<void> => {
  await owner.query(`create database ${name}`);
  await withClient(urlOf(name), (client) => client.query('create extension if not exists pg_trgm'));
};

const drop = async (owner: Client, name: string): Promise<void> => {
  await owner.query(`drop database if exists ${name} with (force)`);
};

/** It gets its name last, so that one of an end in the middle is never copied. */
const makeTemplate = async (owner: Client, name: string, migrations: URL): Promise<void> => {
  const unfinished = newName();
  await create(owner, unfinished);
  const log = createLogger({ level: 'silent' });
  const db = openDatabase({ url: urlOf(unfinished), poolSize: 1, name, log });
  try {
    await migrate(db, migrations, systemClock, log);
  } finally {
    await db.close();
  }
  await owner.query(`alter database ${unfinished} rename to ${name}`);
};

/** The name of a database with these migrations, to be copied: the first one who asks makes it. */
const templateWith = async (owner: Client, migrations: URL): Promise<string> => {
  const files = JSON.stringify(await readMigrations(migrations));
  const name = `template_${createHash('sha256').update(files).digest('hex').slice(0, 12)}`;
  await owner.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  const made = await owner.query('select from pg_database where datname = $1', [name]);
  if (made.rowCount === 0) await makeTemplate(owner, name, migrations);
  await owner.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  return name;
};

/**
 * A database for one test file; `drop` deletes it. With `migrations` these have run: it is copied from a
 * template.
 */
export const throwAwayDatabase = async (
  migrations?: URL,
): Promise<{ url: string; drop(): Promise<void> }> => {
  const name = newName();
  await withClient(serverUrl(), async (owner) => {
    if (migrations === undefined) return create(owner, name);
    const template = await templateWith(owner, migrations);
    await owner.query(`create database ${name} template ${template}`);
  });
  return { url: urlOf(name), drop: () => withClient(serverUrl(), (owner) => drop(owner, name)) };
};
