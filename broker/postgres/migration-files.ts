import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Database } from './database.ts';

/**
 * A migration file: `-- check before`, `-- migrate` and `-- check after` divide it; without them the whole
 * file migrates.
 */
export type Migration = { name: string; before: string[]; migrate: string; after: string[] };

const OWN_FOLDER = new URL('./migrations/', import.meta.url);

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

const namesIn = async (folder: URL): Promise<string[]> =>
  (await readdir(fileURLToPath(folder))).filter((file) => file.endsWith('.sql')).sort();

const readFolder = async (folder: URL): Promise<Migration[]> => {
  const files = await namesIn(folder);
  return Promise.all(
    files.map(async (file) => parseMigration(file, await readFile(new URL(file, folder), 'utf8'))),
  );
};

/** The broker's migrations, which every service's database has, followed by the service's. */
export const readMigrations = async (folder: URL): Promise<Migration[]> => [
  ...(await readFolder(OWN_FOLDER)),
  ...(await readFolder(folder)),
];

/** Refuses a database with migrations that this program does not have. */
export const refuseUnknown = (executed: readonly string[], known: readonly string[]): void => {
  const unknown = executed.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Error(`the database is newer than this program: it has ${unknown.join(', ')}`);
};

/**
 * Checks a database's version without changing it.
 * @throws Error that names the missing migrations, or those that only the database has
 */
export const checkMigrated = async (service: string, db: Database, folder: URL): Promise<void> => {
  const known = [...(await namesIn(OWN_FOLDER)), ...(await namesIn(folder))];
  const [made] = await db.query<{ made: string | null }>("select to_regclass('migrations')::text as made");
  const rows = made?.made ? await db.query<{ name: string }>('select name from migrations') : [];
  const executed = rows.map((row) => row.name);
  refuseUnknown(executed, known);
  const pending = known.filter((name) => !executed.includes(name));
  if (pending.length === 0) return;
  const names = pending.join(', ');
  throw new Error(`the database of ${service} is older than this program, run \`npm run migrate\`: ${names}`);
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
