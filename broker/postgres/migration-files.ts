import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Database, Queryable } from './database.ts';

/**
 * A migration file: `-- check before`, `-- migrate` and `-- check after` divide it; without them the whole
 * file migrates.
 */
export type Migration = {
  name: string;
  before: string[];
  migrate: string;
  after: string[];
  /** `-- no transaction`: the statements run one by one, each must be repeatable. */
  inTransaction: boolean;
  /**
   * `-- compatible with 0002`: programs that have migration 0002 of the same folder, but not this one, work
   * on a database with this one. Null: only programs that have this one do.
   */
  compatibleWith: string | null;
};

/** A migration in a database; `compatibleWith` as its file said. */
export type Executed = { name: string; compatibleWith: string | null };

const OWN_FOLDER = new URL('./migrations/', import.meta.url);

const NO_TRANSACTION = /^-- no transaction\s*$/m;
const COMPATIBLE_WITH = /^-- compatible with (\S+)\s*$/m;
const CONCURRENT_INDEX = /^create\s+(?:unique\s+)?index\s+concurrently\b/i;
const REPEATABLE_INDEX =
  /^create\s+(?:unique\s+)?index\s+concurrently\s+if\s+not\s+exists\s+([a-z_][a-z0-9_]*)\s+on\b/i;

const statementsOf = (sql: string): string[] =>
  sql
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(/--.*$/gm, '').trim() !== '');

/**
 * The index that a statement builds concurrently; null for other statements.
 * @throws Error when the statement could not be repeated
 */
export const concurrentIndexOf = (statement: string): string | null => {
  if (!CONCURRENT_INDEX.test(statement)) return null;
  const index = REPEATABLE_INDEX.exec(statement)?.[1];
  if (!index) throw new Error(`write "create index concurrently if not exists <name> on": ${statement}`);
  return index;
};

/** @param earlier the names of the migrations before it in the same folder */
export const parseMigration = (name: string, text: string, earlier: readonly string[] = []): Migration => {
  const sections = { before: '', migrate: '', after: '' };
  let section: keyof typeof sections = 'migrate';
  for (const line of text.split('\n')) {
    const mark = /^-- (?:check )?(before|after|migrate)\s*$/.exec(line)?.[1];
    if (mark) section = mark as keyof typeof sections;
    else sections[section] += `${line}\n`;
  }
  const oldest = COMPATIBLE_WITH.exec(text)?.[1];
  const compatibleWith = earlier.find((one) => one.startsWith(`${oldest}-`)) ?? null;
  if (oldest && !compatibleWith) throw new Error(`${name}: no earlier migration has the number ${oldest}`);
  const inTransaction = !NO_TRANSACTION.test(text);
  if (!inTransaction) splitSql(sections.migrate).forEach(concurrentIndexOf);
  return {
    name,
    before: statementsOf(sections.before),
    migrate: sections.migrate,
    after: statementsOf(sections.after),
    inTransaction,
    compatibleWith,
  };
};

const namesIn = async (folder: URL): Promise<string[]> =>
  (await readdir(fileURLToPath(folder))).filter((file) => file.endsWith('.sql')).sort();

const readFolder = async (folder: URL): Promise<Migration[]> => {
  const files = await namesIn(folder);
  return Promise.all(
    files.map(async (file, index) =>
      parseMigration(file, await readFile(new URL(file, folder), 'utf8'), files.slice(0, index)),
    ),
  );
};

/** The broker's migrations, which every service's database has, followed by the service's. */
export const readMigrations = async (folder: URL): Promise<Migration[]> => [
  ...(await readFolder(OWN_FOLDER)),
  ...(await readFolder(folder)),
];

/** The migrations in a database; the table of an older program has no column `compatible_with`. */
export const readExecuted = (db: Queryable): Promise<Executed[]> =>
  db.query<Executed>(
    `select name, to_jsonb(migrations) ->> 'compatible_with' as "compatibleWith"
     from migrations order by name`,
  );

/**
 * The migrations of a database that this program does not have.
 * @throws Error when the program cannot work with one of them
 */
export const acceptNewer = (executed: readonly Executed[], known: readonly string[]): string[] => {
  const newer = executed.filter(({ name }) => !known.includes(name));
  const refused = newer.filter(
    ({ compatibleWith }) => compatibleWith === null || !known.includes(compatibleWith),
  );
  if (refused.length === 0) return newer.map(({ name }) => name);
  const reasons = refused.map(({ name, compatibleWith }) =>
    compatibleWith ? `${name} requires a program with ${compatibleWith}` : `${name} requires its own program`,
  );
  throw new Error(`the database is newer than this program and does not work with it: ${reasons.join(', ')}`);
};

/**
 * Checks a database's version without changing it.
 * @returns the migrations of a newer database that this program works with
 * @throws Error that names the missing migrations, or those that this program does not work with
 */
export const checkMigrated = async (service: string, db: Database, folder: URL): Promise<string[]> => {
  const known = [...(await namesIn(OWN_FOLDER)), ...(await namesIn(folder))];
  const [made] = await db.query<{ made: string | null }>("select to_regclass('migrations')::text as made");
  const executed = made?.made ? await readExecuted(db) : [];
  const newer = acceptNewer(executed, known);
  const pending = known.filter((name) => !executed.some((one) => one.name === name));
  if (pending.length === 0) return newer;
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
