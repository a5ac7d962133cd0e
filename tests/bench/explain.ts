import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StartedInstance } from './instances.ts';

const ROLE = 'payloom_payments';

const serverLog = (instance: StartedInstance): Promise<string> =>
  instance.asOwner(async (client) => {
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    return join(dirname(rows[0]?.folder ?? ''), 'postgres.log');
  });

/**
 * Changes settings of the service's role and ends its sessions; the pool opens new ones with these settings.
 */
const withSetting = (instance: StartedInstance, statements: readonly string[]): Promise<void> =>
  instance.asOwner(async (client) => {
    for (const statement of statements) await client.query(statement);
    await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [ROLE]);
  });

/**
 * The plans of all statements of one request, as auto_explain logs them: the statements themselves stay
 * private to the service.
 */
export const explainRequest = async (
  instance: StartedInstance,
  path: string,
  token: string,
): Promise<string> => {
  const log = await serverLog(instance);
  await withSetting(instance, [
    `alter role ${ROLE} set session_preload_libraries = 'auto_explain'`,
    `alter role ${ROLE} set auto_explain.log_min_duration = 0`,
    `alter role ${ROLE} set auto_explain.log_analyze = on`,
    `alter role ${ROLE} set auto_explain.log_buffers = on`,
    `alter role ${ROLE} set auto_explain.log_level = 'warning'`,
  ]);
  const send = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`http://127.0.0.1:${instance.port}${path}`, { headers });
    await response.text();
    return response.status;
  };
  // The pool replaces its closed connections; 20 good responses in a row show that it has.
  const recovered = async () => {
    const endMs = performance.now() + 10_000;
    for (let good = 0; good < 20 && performance.now() < endMs;) good = (await send()) === 200 ? good + 1 : 0;
  };
  try {
    await recovered();
    const from = statSync(log).size;
    await send();
    const plans = readFileSync(log)
      .subarray(from)
      .toString('utf8')
      .split(/^(?=.*duration:)/m);
    return plans.filter((plan) => plan.includes('from payments p') || plan.includes('from parties')).join('');
  } finally {
    await withSetting(instance, [`alter role ${ROLE} reset all`]);
    await recovered();
  }
};
