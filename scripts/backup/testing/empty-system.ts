import type { ChannelModel } from 'amqplib';
import { openDatabase } from '../../../broker/postgres/database.ts';
import { findServices } from '../../../broker/process/find-services.ts';
import { createLogger } from '../../../broker/process/logger.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';
import type { System } from '../../events/system.ts';
import { migrateAt } from '../load-database.ts';
import { placesOf, type Source } from '../systems.ts';

const log = createLogger({ level: 'silent' });

/** A system without processes. */
export type TestSystem = Source & {
  query<Row>(service: string, sql: string, values?: readonly unknown[]): Promise<Row[]>;
  migrate(): Promise<void>;
  /** All rows of all tables, as text, by `service.table`. */
  content(): Promise<Record<string, string[]>>;
};

const contentOf = async ({ services }: System): Promise<Record<string, string[]>> => {
  const found: Record<string, string[]> = {};
  for (const { name, db } of services) {
    const tables = await (db?.query<{ name: string }>(
      "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    ) ?? []);
    for (const { name: table } of tables) {
      if (table === 'migrations') continue;
      const rows = await db?.query<{ row: string }>(`select t::text as row from "${table}" t order by 1`);
      found[`${name}.${table}`] = (rows ?? []).map(({ row }) => row);
    }
  }
  return found;
};

/**
 * Empty throw-away databases for the services that SERVICES names, or all.
 * @param model a RabbitMQ; without it events stay in databases
 */
export const emptySystem = async (
  model: ChannelModel | null,
  more: Record<string, string> = {},
): Promise<TestSystem> => {
  const definitions = await findServices(more);
  const env: Record<string, string> = { ...more };
  const drops: (() => Promise<void>)[] = [];
  for (const { database } of definitions) {
    if (!database) continue;
    const { url, drop } = await throwAwayDatabase();
    env[database.env] = url;
    drops.push(drop);
  }
  const services = definitions.map(({ contract, database, subscribers = [] }) => {
    const url = database && env[database.env];
    const db = url ? openDatabase({ url, poolSize: 1, name: 'events', log }) : null;
    return { name: contract.service, db, isSubscriber: db !== null && subscribers.length > 0 };
  });
  const system: System = {
    ...{ definitions, services, model, login: 'test' },
    say: () => undefined,
    close: async () => void (await Promise.all(services.map(({ db }) => db?.close()))),
  };
  const query: TestSystem['query'] = async (service, sql, values) =>
    (await services.find(({ name }) => name === service)?.db?.query(sql, values)) ?? [];
  return {
    ...{ name: 'test', env, system, query },
    migrate: async () => {
      for (const place of placesOf(definitions, env)) {
        const found = definitions.find(({ contract }) => contract.service === place.service);
        if (found?.database) await migrateAt(place, found.database.migrations);
      }
    },
    content: () => contentOf(system),
    close: async () => {
      await system.close();
      for (const drop of drops) await drop();
    },
  };
};
