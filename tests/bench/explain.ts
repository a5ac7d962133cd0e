import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Copy } from './payloom.ts';

const ROLE = 'payloom_payments';

const serverLog = (copy: Copy): Promise<string> =>
  copy.asOwner(async (client) => {
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    return join(dirname(rows[0]?.folder ?? ''), 'postgres.log');
  });

/**
 * New sessions of the service from now on; those that its pool has open are ended, and the pool opens others.
 */
const withSetting = (copy: Copy, statements: readonly string[]): Promise<void> =>
  copy.asOwner(async (client) => {
    for (const statement of statements) await client.query(statement);
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [ROLE]);
  });

/**
 * The plans of all statements that one request runs, as the server itself writes them: what a service asks of
 * its
 * database is its own affair, so nothing is guessed here.
 */
export const explainRequest = async (copy: Copy, path: string, token: string): Promise<string> => {
  const log = await serverLog(copy);
  await withSetting(copy, [
    `alter role ${ROLE} set session_preload_libraries = 'auto_explain'`,
    `alter role ${ROLE} set auto_explain.log_min_duration = 0`,
    `alter role ${ROLE} set auto_explain.log_analyze = on`,
    `alter role ${ROLE} set auto_explain.log_buffers = on`,
    `alter role ${ROLE} set auto_explain.log_level = 'warning'`,
  ]);
  const ask = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${copy.port}${path}`, { headers });
    await response.text();
    return response.status;
  };
  // The pool finds its connections cut off and opens others; it goes on when it has answered often enough.
  const recovered = async () => {
    const endMs = performance.now() + 10_000;
    for (let good = 0; good < 20 && performance.now() < endMs;) good = (await ask()) === 200 ? good + 1 : 0;
  };
  try {
    await recovered();
    const from = statSync(log).size;
    await ask();
    const plans = readFileSync(log)
      .subarray(from)
      .toString('utf8')
      .split(/^(?=.*duration:)/m);
    return plans.filter((plan) => plan.includes('from payments p') || plan.includes('from parties')).join('');
  } finally {
    await withSetting(copy, [`alter role ${ROLE} reset all`]);
    await recovered();
  }
};
