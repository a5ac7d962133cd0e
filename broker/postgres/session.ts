import { Client } from 'pg';

const CONNECT_MS = 1_500;
/** A process that stops between two statements keeps its locks for at most this long. */
const IDLE_IN_TRANSACTION = '1min';
/** The server ends the statement of a process that has died within this time. */
const CLIENT_CHECK = '2s';

type Session = {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
};

/**
 * Runs `run` on a connection of its own, without a limit on statements and locks, and closes the connection.
 * What belongs to the session, such as an advisory lock, ends with it.
 */
export const withSession = async <T>(
  { url, name }: { url: string; name: string },
  run: (session: Session) => Promise<T>,
): Promise<T> => {
  const client = new Client({
    connectionString: url,
    application_name: `payloom ${name} session`,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
  });
  // A lost connection rejects the statement in progress; this listener keeps it from ending the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('set statement_timeout = 0');
    await client.query(`set idle_in_transaction_session_timeout = '${IDLE_IN_TRANSACTION}'`);
    // Some operating systems cannot check; there the server finds out when the statement ends.
    await client.query(`set client_connection_check_interval = '${CLIENT_CHECK}'`).catch(() => undefined);
    return await run({
      query: async (text, values = []) =>
        (await client.query({ text, values: values as unknown[] })).rows as never,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
};
