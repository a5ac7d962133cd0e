import pg from 'pg';

const CONNECT_LIMIT_MS = 5_000;

const connected = async <T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_LIMIT_MS });
  try {
    await client.connect();
  } catch (error) {
    const { host } = new URL(url);
    throw new Error(`PostgreSQL at ${host} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

const partsOf = (url: string) => {
  const { pathname, username, password } = new URL(url);
  const [database, role] = [decodeURIComponent(pathname.slice(1)), decodeURIComponent(username)];
  return { pathname, database, role, password: decodeURIComponent(password) };
};

/** Makes a role or sets its password. */
const ensureRole = async (owner: pg.Client, role: string, password: string): Promise<void> => {
  const { rowCount } = await owner.query('select from pg_roles where rolname = $1', [role]);
  const login = `${pg.escapeIdentifier(role)} login password ${pg.escapeLiteral(password)}`;
  await owner.query(`${rowCount ? 'alter' : 'create'} role ${login}`);
};

/** Makes a role for a database that exists, beside its owner; migrations say what the role may do there. */
export const ensureLogin = (ownerUrl: string, url: string): Promise<void> =>
  connected(ownerUrl, async (owner) => {
    const { database, role, password } = partsOf(url);
    await ensureRole(owner, role, password);
    const [databaseName, roleName] = [pg.escapeIdentifier(database), pg.escapeIdentifier(role)];
    await owner.query(`grant connect, temporary on database ${databaseName} to ${roleName}`);
  });

/**
 * Makes a service's database and role where they are missing, and sets the role's password. No other role may
 * connect to the database.
 * @param ownerUrl address with a login that may create databases, roles and extensions
 * @param serviceUrl address for the service: its path names the database, its login the role
 */
export const ensureDatabase = async (ownerUrl: string, serviceUrl: string): Promise<void> => {
  const { pathname, database, role, password } = partsOf(serviceUrl);
  const [databaseName, roleName] = [pg.escapeIdentifier(database), pg.escapeIdentifier(role)];
  await connected(ownerUrl, async (owner) => {
    await ensureRole(owner, role, password);
    const { rowCount: databases } = await owner.query('select from pg_database where datname = $1', [
      database,
    ]);
    if (!databases) await owner.query(`create database ${databaseName}`);
    await owner.query(`revoke all on database ${databaseName} from public`);
    await owner.query(`grant connect, temporary on database ${databaseName} to ${roleName}`);
  });
  const inside = new URL(ownerUrl);
  inside.pathname = pathname;
  await connected(inside.href, async (owner) => {
    await owner.query('create extension if not exists pg_trgm with schema public');
    await owner.query(`grant ${roleName} to current_user`);
    await owner.query(`alter schema public owner to ${roleName}`);
  });
};
