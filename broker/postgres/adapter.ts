import DbService from 'moleculer-db';
import SqlAdapter from 'moleculer-db-adapter-sequelize';
import type { ServiceSchema } from 'moleculer';
import pg, { type PoolClient } from 'pg';
import { Sequelize } from 'sequelize';
import type { AdapterModel, Database } from './database.ts';

/** The model of services without one of their own. */
const OUTBOX_MODEL: AdapterModel = {
  name: 'outbox',
  define: { seq: { type: 'bigint', primaryKey: true }, event: 'text' },
  options: { timestamps: false, freezeTableName: true },
};

/** Sequelize on connections of the service's pool; it opens none of its own. */
const sequelizeOn = ({ pool }: Database): Sequelize => {
  const sequelize = new Sequelize({ dialect: 'postgres', dialectModule: pg, logging: false });
  Object.assign(sequelize.connectionManager, {
    getConnection: () => pool.connect(),
    releaseConnection: (client: PoolClient) => client.release(),
  });
  return sequelize;
};

/**
 * The moleculer-db mixin on the service's pool: it gives the REPL its find and update methods. It publishes
 * no CRUD actions (they accept a raw `where`), runs no DDL, and does not close the database, which closes
 * after its workers.
 */
export const adapterMixin = (db: Database, model: AdapterModel = OUTBOX_MODEL) => {
  const { actions: _published, stopped: _closes, ...mixin } = DbService as ServiceSchema;
  // The types declare one argument; the fourth holds `noSync`, without which the adapter would run DDL.
  const Adapter = SqlAdapter as unknown as new (...args: unknown[]) => unknown;
  const adapter = new Adapter(sequelizeOn(db), undefined, undefined, { noSync: true });
  return {
    mixins: [mixin as ServiceSchema],
    // Set after Moleculer's merge, which would clone the adapter with its pool.
    merged: (schema: ServiceSchema) => {
      Object.assign(schema, { adapter, model });
    },
  };
};
