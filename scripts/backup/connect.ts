import { Client } from 'pg';
import { UsageError } from '../events/system.ts';

const CONNECT_MS = 5_000;

/** A service's database. */
export type Place = {
  service: string;
  /** With the role that owns the tables. */
  url: string;
  /** The role of the service, where it is another one, and the tables to whose rows it can only add. */
  login?: { url: string; appendOnly: readonly string[] };
};

/**
 * Connects to a database without limits on statements, locks and idle transactions.
 * @throws UsageError when it cannot be used
 */
export const connectTo = async ({ service, url }: Place, what: string): Promise<Client> => {
  const client = new Client({
    connectionString: url,
    application_name: `${what} of ${service}`,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A lost connection rejects the statement in progress; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(
      'set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0',
    );
    return client;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const { host } = new URL(url);
    throw new UsageError(`The database of ${service} at ${host} cannot be used: ${message || code}.`, {
      cause: error,
    });
  }
};
