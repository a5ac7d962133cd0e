import type { Client } from 'pg';
import { checkMigrated } from '../../broker/postgres/migration-files.ts';
import type { Database } from '../../broker/postgres/database.ts';
import { connectTo, type Place } from '../backup/connect.ts';
import { clockFinding, fine, runCheck, wrong, type Finding } from './finding.ts';

const OLDEST_VERSION = 15;
const CLOCK_LIMIT_MS = 1_000;
const OUTBOX_LIMIT_S = 60;
const JOB_LATE_S = 600;
const IDLE_LIMIT_S = 300;
const CONNECTIONS_LIMIT = 0.9;

type Answers = {
  version: number;
  nowMs: number;
  outbox: number;
  oldestS: number;
  dead: number;
  /** Jobs that failed or have not run. */
  jobs: string[];
  /** Transactions that hold snapshots and locks and do nothing. */
  idle: number;
  connections: number;
  connectionsMax: number;
};

const ANSWERS = `select current_setting('server_version_num')::int / 10000 as version,
  (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs",
  (select count(*)::int from outbox) as outbox,
  (select coalesce(extract(epoch from now() - min(occurred_at)), 0)::float8 from outbox) as "oldestS",
  (select count(*)::int from event_queue where dead_at is not null) as dead,
  array(select name || coalesce(': ' || last_error, ' is late') from jobs
    where last_error is not null or next_run_at < now() - make_interval(secs => ${JOB_LATE_S})) as jobs,
  (select count(*)::int from pg_stat_activity where datname = current_database()
    and state like 'idle in transaction%'
    and state_change < now() - make_interval(secs => ${IDLE_LIMIT_S})) as idle,
  (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as connections,
  current_setting('max_connections')::int as "connectionsMax"`;

/** The server: its version, clock and connections. */
const serverFindings = (about: string, answers: Answers, tripMs: number, sentMs: number): Finding[] => {
  const { version, nowMs, connections, connectionsMax: most } = answers;
  const use = `${connections} of ${most} connections are in use.`;
  return [
    version >= OLDEST_VERSION
      ? fine(about, `PostgreSQL ${version} answers.`)
      : wrong(about, `PostgreSQL ${version} is too old.`, `Upgrade it to ${OLDEST_VERSION} or later.`),
    clockFinding(about, nowMs - sentMs - tripMs / 2, CLOCK_LIMIT_MS),
    connections < CONNECTIONS_LIMIT * most
      ? fine(about, use)
      : wrong(about, use, 'Raise max_connections, or lower the pool sizes (*_DATABASE_POOL_SIZE).'),
  ];
};

/** The service's data: events, jobs, transactions that do nothing. */
const serviceFindings = (about: string, service: string, answers: Answers): Finding[] => {
  const { outbox, oldestS, dead, jobs, idle } = answers;
  const waiting = `${outbox} events wait in the outbox, the oldest for ${Math.max(0, oldestS).toFixed(0)} s.`;
  return [
    oldestS <= OUTBOX_LIMIT_S
      ? fine(about, waiting)
      : wrong(about, waiting, `Look for warnings of the relay in the log of ${service}, and at RabbitMQ.`),
    ...(dead === 0
      ? []
      : [wrong(about, `${dead} events are dead letters.`, `npm run events -- dead ${service} shows why.`)]),
    ...jobs.map((job) => wrong(about, `The job ${job}.`, `See the log of ${service}.`)),
    ...(idle === 0
      ? []
      : [
          wrong(
            about,
            `${idle} transactions have done nothing for five minutes.`,
            'End them: pg_terminate_backend of those that pg_stat_activity shows as idle in transaction.',
          ),
        ]),
  ];
};

const migrationFindings = async (about: string, { service }: Place, client: Client, folder: URL) => {
  const query = async (sql: string) => (await client.query(sql)).rows;
  try {
    await checkMigrated(service, { query } as unknown as Database, folder);
    return { isMigrated: true, finding: fine(about, 'All migrations have run.') };
  } catch (error) {
    const remedy = 'npm run migrate, while the old processes serve; or start the program of this version.';
    return { isMigrated: false, finding: wrong(about, `${(error as Error).message}.`, remedy) };
  }
};

/** Checks a service's database. @param folder of its migrations */
export const checkDatabase = (place: Place, folder: URL): Promise<Finding[]> => {
  const about = `database of ${place.service}`;
  return runCheck(about, async () => {
    const client = await connectTo(place, 'doctor');
    try {
      const { isMigrated, finding } = await migrationFindings(about, place, client, folder);
      if (!isMigrated) return [finding];
      const [sentMs, startedMs] = [Date.now(), performance.now()];
      const { rows } = await client.query<Answers>(ANSWERS);
      const tripMs = performance.now() - startedMs;
      const [answers] = rows as [Answers];
      return [
        ...serverFindings(about, answers, tripMs, sentMs),
        finding,
        ...serviceFindings(about, place.service, answers),
      ];
    } finally {
      await client.end();
    }
  });
};
