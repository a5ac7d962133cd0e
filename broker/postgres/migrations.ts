import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Umzug } from 'umzug';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import type { Database, Transaction } from './database.ts';

/**
 * One migration file: `-- check before`, `-- migrate` and `-- check after` divide it; without them all of it
 * migrates.
 */
type Migration = { name: string; before: string[]; migrate: string; after: string[] };

const OWN_FOLDER = new URL('./migrations/', import.meta.url);
// One process migrates a database at a time; any constant will do.
const LOCK = 7_041_862;

const statementsOf = (sql: string): string[] =>
  sql
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(/--.*$/gm, '').trim() !== '');

export const parseMigration = (name: string, text: string): Migration => {
  const sections = { before: '', migrate: '', after: '' };
  let section: keyof typeof sections = 'migrate';
  for (const line of text.split('\n')) {
    const mark = /^-- (?:check )?(before|after|migrate)\s*$/.exec(line)?.[1];
    if (mark) section = mark as keyof typeof sections;
    else sections[section] += `${line}\n`;
  }
  return {
    name,
    before: statementsOf(sections.before),
    migrate: sections.migrate,
    after: statementsOf(sections.after),
  };
};

const readFolder = async (folder: URL): Promise<Migration[]> => {
  const files = (await readdir(fileURLToPath(folder))).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file) => parseMigration(file, await readFile(new URL(file, folder), 'utf8'))),
  );
};

const check = async (tx: Transaction, name: string, when: 'before' | 'after', selects: string[]) => {
  for (const select of selects) {
    const rows = await tx.query<object>(select);
    if (rows.length > 0) {
      throw new Error(
        `${name}: ${rows.length} rows break the check ${when} it, the first: ${JSON.stringify(rows[0])}`,
      );
    }
  }
};

/**
 * Brings a room's database up to date: the broker's own tables, then the room's, each file in one
 * transaction with its checks. A check is a SELECT of what is wrong: any row stops the migration and nothing
 * is changed.
 * @throws Error when a check fails, or when the database holds a migration that this program does not know
 */
export const migrate = async (db: Database, folder: URL, clock: Clock, log: Logger): Promise<void> => {
  const files = [...(await readFolder(OWN_FOLDER)), ...(await readFolder(folder))];
  await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query(
      'create table if not exists migrations (name text primary key, run_at timestamptz not null)',
    );
    const executed = async () =>
      (await tx.query<{ name: string }>('select name from migrations order by name')).map((row) => row.name);
    const umzug = new Umzug({
      context: tx,
      logger: undefined,
      migrations: files.map(({ name, before, migrate: sql, after }) => ({
        name,
        up: async () => {
          await check(tx, name, 'before', before);
          for (const statement of splitSql(sql)) await tx.query(statement);
          await check(tx, name, 'after', after);
          log.info({ migration: name }, 'migrated');
        },
      })),
      storage: {
        logMigration: async ({ name }) => {
          await tx.query('insert into migrations (name, run_at) values ($1, $2)', [name, clock.now()]);
        },
        unlogMigration: async () => undefined,
        executed,
      },
    });
    const known = new Set(files.map((file) => file.name));
    const unknown = (await executed()).filter((name) => !known.has(name));
    if (unknown.length > 0) {
      throw new Error(`the database is newer than this program: it has ${unknown.join(', ')}`);
    }
    await umzug.up();
  });
};

/** Single statements of a file; a `$$` body is kept whole. */
export const splitSql = (sql: string): string[] => {
  const statements: string[] = [];
  let current = '';
  let inBody = false;
  for (const part of sql.replaceAll(/^\s*--.*$/gm, '').split(/(\$\$|;)/)) {
    if (part === '$$') inBody = !inBody;
    if (part === ';' && !inBody) {
      statements.push(current);
      current = '';
    } else current += part;
  }
  return [...statements, current]
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
};
