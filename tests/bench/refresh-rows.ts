// How long a refresh takes in a session with many rows of used refresh tokens.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findServices } from '../../broker/process/find-services.ts';
import { prepareEmbedded } from '../../broker/process/embedded.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { startServices, type TestServices } from '../../broker/testing/start-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { median } from '../system/statistics.ts';

const HELP = `node tests/bench/refresh-rows.ts [--rows 400000] [--refreshes 50] [--port 4790]
Starts auth on a PostgreSQL of its own and measures a refresh: in a new session, and with rows of used
tokens. PostgreSQL listens on the port + 92.`;

const PASSWORD = 'TestPassword123!';

/** Refreshes one session this often; returns its last token and the median time. */
const refresh = async (app: TestServices, token: string, count: number) => {
  const timesMs: number[] = [];
  let last = token;
  for (let n = 0; n < count; n++) {
    const startedMs = performance.now();
    last = (await app.call(auth.actions.refreshTokens, { refreshToken: last })).refreshToken;
    timesMs.push(performance.now() - startedMs);
  }
  return { token: last, ms: median(timesMs) };
};

/** Rows of one statement, within the database's time limit for statements. */
const BATCH = 20_000;

const FILL = `
  insert into refresh_tokens (hash, session_id, issued_at, expires_at, used_at)
  select sha256(convert_to('used ' || n, 'UTF8')), id, at, at + interval '30 days', at + interval '6 s'
  from sessions, generate_series($1::int, $2::int) n,
    lateral (select now() - n * interval '6 s' as at) times`;

const measure = async (app: TestServices, rows: number, refreshes: number): Promise<void> => {
  const { db } = app.service('auth');
  const account = { email: 'ada@example.com', password: PASSWORD, name: 'Ada' };
  await app.call(auth.actions.register, account);
  await db.query('delete from refresh_tokens');
  await db.query('delete from sessions');
  const credentials = { email: account.email, password: PASSWORD };
  const { refreshToken } = await app.call(auth.actions.tokens, credentials);
  const count = async () =>
    (await db.query<{ rows: number }>('select count(*)::int as rows from refresh_tokens'))[0]?.rows;
  const report = async (what: string, ms: number) =>
    console.log(`${what}: ${ms.toFixed(1)} ms per refresh (median of ${refreshes}), ${await count()} rows`);
  const fresh = await refresh(app, refreshToken, refreshes);
  await report('new session', fresh.ms);
  for (let from = 1; from <= rows; from += BATCH) {
    await db.query(FILL, [from, Math.min(rows, from + BATCH - 1)]);
  }
  await db.query('analyze refresh_tokens');
  const full = await refresh(app, fresh.token, refreshes);
  await report(`${rows} more rows`, full.ms);
};

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '400000' },
    refreshes: { type: 'string', default: '50' },
    port: { type: 'string', default: '4790' },
    help: { type: 'boolean' },
  },
});
if (values.help) console.log(HELP);
else {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-refresh-rows-'));
  const definitions = await findServices({ SERVICES: 'auth' });
  const given = { PORT: values.port, DATA_FOLDER: folder };
  const { env, stop } = await prepareEmbedded(definitions, given, createLogger({ level: 'silent' }));
  try {
    const app = await startServices(definitions, { env: env as Record<string, string> });
    await measure(app, Number(values.rows), Number(values.refreshes));
    await app.stop();
  } finally {
    await stop();
    rmSync(folder, { recursive: true });
  }
}
