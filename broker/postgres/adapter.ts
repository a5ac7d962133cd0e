import DbService from 'moleculer-db';
import SqlAdapter from 'moleculer-db-adapter-sequelize';
import type { ServiceSchema } from 'moleculer';
import { DataTypes } from 'sequelize';
import type { AdapterModel, Database } from './database.ts';

/** Services without a model of their own need an adapter too, because the adapter owns the pool. */
const OUTBOX_MODEL: AdapterModel = {
  name: 'outbox',
  define: { seq: { type: DataTypes.BIGINT, primaryKey: true }, event: DataTypes.TEXT },
  options: { timestamps: false, freezeTableName: true },
};

/**
 * The moleculer-db mixin on the service's own Sequelize.
 * What the adapter does here: it holds the service's only pool, which our SQL shares, and gives the REPL its
 * find and update methods. What it does not do: it publishes no CRUD actions (they accept a raw `where`),
 * runs no DDL, reads and writes no rows of requests, and does not close the database, which closes after its
 * workers.
 */
export const adapterMixin = (db: Database, model: AdapterModel = OUTBOX_MODEL) => {
  const { actions: _published, stopped: _closes, ...mixin } = DbService as ServiceSchema;
  // The types declare one argument; the fourth holds `noSync`, without which the adapter would run DDL.
  const Adapter = SqlAdapter as unknown as new (...args: unknown[]) => unknown;
  const adapter = new Adapter(db.sequelize, undefined, undefined, { noSync: true });
  return {
    mixins: [mixin as ServiceSchema],
    // Set after Moleculer's merge, which would clone the adapter with its pool.
    merged: (schema: ServiceSchema) => {
      Object.assign(schema, { adapter, model });
    },
  };
};
