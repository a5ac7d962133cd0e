import type { Env } from '../../../broker/process/config.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import { copyAll, type CopyRequest } from '../copy/copy-all.ts';
import { DATABASES } from '../copy/places.ts';
import { openSource, type Source } from '../copy/source.ts';
import { closeTargets, openTargets, targetOf, type Target } from '../copy/targets.ts';
import { MAPPINGS } from '../mapping/mappings.ts';
import type { TargetDatabase } from '../mapping/table-mapping.ts';
import { verifyNow } from '../verify/catch-up.ts';
import { verifyAll, type VerifyReport } from '../verify/verify-all.ts';
import { ALL_OPTIONS, NOW_MS } from './sample-source.ts';

const silent = (): void => undefined;

/** The databases that a copy fills. */
export type TargetSystem = {
  env: Env;
  query<Row>(database: TargetDatabase, sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The rows of all tables but those of the copy's records, as text, by `database.table`. */
  content(): Promise<Record<string, string[]>>;
  close(): Promise<void>;
};

const RECORDS = /^(migrations|closed|poc2_(run|waiting|copy|filled|aside))$/;

/** Empty databases of the four services. */
export const targetSystem = async (): Promise<TargetSystem> => {
  const env: Record<string, string> = {};
  const drops: (() => Promise<void>)[] = [];
  for (const { env: variable, migrations } of Object.values(DATABASES)) {
    const { url, drop } = await throwAwayDatabase(migrations);
    env[variable] = url;
    drops.push(drop);
  }
  const targets = await openTargets(env);
  const query: TargetSystem['query'] = async (database, sql, values = []) =>
    (await targetOf(targets, database).client.query(sql, [...values])).rows as never;
  return {
    ...{ env, query },
    content: async () => {
      const found: Record<string, string[]> = {};
      for (const { database } of targets)
        for (const { name } of await query<{ name: string }>(
          database,
          `select relname as name from pg_class
           where relkind = 'r' and relnamespace = 'public'::regnamespace`,
        )) {
          if (RECORDS.test(name)) continue;
          const rows = await query<{ row: string }>(
            database,
            `select t::text as row from "${name}" t order by 1`,
          );
          found[`${database}.${name}`] = rows.map(({ row }) => row);
        }
      return found;
    },
    close: async () => {
      await closeTargets(targets);
      for (const drop of drops) await drop();
    },
  };
};

/** Runs with connections of its own to a source and the databases of a system. */
const connected = async <T>(
  { env }: TargetSystem,
  url: string,
  run: (source: Source, targets: Target[]) => Promise<T>,
): Promise<T> => {
  const source = await openSource(url);
  try {
    const targets = await openTargets(env);
    try {
      return await run(source, targets);
    } finally {
      await closeTargets(targets);
    }
  } finally {
    await source.close();
  }
};

export const copyInto = (system: TargetSystem, url: string, more: Partial<CopyRequest> = {}) =>
  connected(system, url, (source, targets) =>
    copyAll({
      ...{ source, targets, mappings: MAPPINGS, options: ALL_OPTIONS, nowMs: NOW_MS, batchRows: 30 },
      ...{ startOver: false, checkRows: null, say: silent },
      ...more,
    }),
  );

export const verifyIn = (system: TargetSystem, url: string, mappings = MAPPINGS): Promise<VerifyReport> =>
  connected(system, url, (source, targets) => verifyAll({ source, targets, mappings, say: silent }));

/** What differs when all changes that are logged are applied. */
export const resumedDifferences = (system: TargetSystem, url: string): Promise<readonly string[]> =>
  connected(system, url, async (source, targets) => {
    const { findings } = await verifyNow({ source, targets, mappings: MAPPINGS, say: silent });
    return findings.shown;
  });
