import DbService from 'moleculer-db';
import SqlAdapter from 'moleculer-db-adapter-sequelize';
import type { ServiceSchema } from 'moleculer';
import { DataTypes } from 'sequelize';
import type { AdapterModel, Database } from './database.ts';

/** A service that has no cool path of its own still has an adapter, because the adapter owns the pool. */
const OUTBOX_MODEL: AdapterModel = {
  name: 'outbox',
  define: { seq: { type: DataTypes.BIGINT, primaryKey: true }, event: DataTypes.TEXT },
  options: { timestamps: false, freezeTableName: true },
};

/**
 * The moleculer-db mixin over the service's own Sequelize, without the CRUD actions that it would publish: it
 * gives the service its `adapter`. The database stays ours to close, after the workers that use it have
 * ended.
 */
export const adapterMixin = (db: Database, model: AdapterModel = OUTBOX_MODEL) => {
  const { actions: _published, stopped: _closes, ...mixin } = DbService as ServiceSchema;
  // Its types know one argument; the fourth is where it looks for `noSync`, without which it would run DDL.
  const Adapter = SqlAdapter as unknown as new (...args: unknown[]) => unknown;
  const adapter = new Adapter(db.sequelize, undefined, undefined, { noSync: true });
  return {
    mixins: [mixin as ServiceSchema],
    // Set after merging, which would clone the adapter together with its pool.
    merged: (schema: ServiceSchema) => {
      Object.assign(schema, { adapter, model });
    },
  };
};
