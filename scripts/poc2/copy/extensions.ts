import { UsageError } from '../../events/system.ts';
import type { TargetDatabase } from '../mapping/table-mapping.ts';
import type { Target } from './targets.ts';

/** What migrations of services look for, and only some logins may make. */
const NEEDED: Readonly<Partial<Record<TargetDatabase, string>>> = { auth: 'pg_trgm', payments: 'pg_trgm' };

/** SQLSTATE. */
const NO_RIGHT = '42501';

/**
 * Makes the extensions that the databases lack.
 * @throws UsageError that says what to do where the login may not, or the server does not have it
 */
export const ensureExtensions = async (targets: readonly Target[]): Promise<void> => {
  for (const { database, client } of targets) {
    const extension = NEEDED[database];
    if (extension === undefined) continue;
    const { rows } = await client.query<{ name: string; login: string; isThere: boolean }>(
      `select current_database() as name, current_user as login,
         exists (select from pg_extension where extname = $1) as "isThere"`,
      [extension],
    );
    const [{ name, login, isThere } = { name: '', login: '', isThere: true }] = rows;
    if (isThere) continue;
    try {
      await client.query(`create extension ${extension} with schema public`);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      const reason = code === NO_RIGHT ? `the login ${login} may not create it` : message;
      throw new UsageError(
        `The database ${name} of ${database} lacks the extension ${extension}, and ${reason}. As a ` +
          `superuser: psql -d ${name} -c "create extension ${extension} with schema public"` +
          `${code === NO_RIGHT ? '' : '; on Debian it is in the package postgresql-contrib'}. ` +
          'Then run this again.',
        { cause: error },
      );
    }
  }
};
