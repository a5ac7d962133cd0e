import { DataTypes } from 'sequelize';
import type { AdapterModel } from '../../../broker/postgres/database.ts';

/** Parties as the moleculer-db adapter knows them, for the REPL and for administration; hot paths use SQL. */
export const partyModel: AdapterModel = {
  name: 'parties',
  define: {
    id: { type: DataTypes.TEXT, primaryKey: true },
    email: DataTypes.TEXT,
    name: DataTypes.TEXT,
    role: DataTypes.TEXT,
    status: DataTypes.TEXT,
    version: DataTypes.INTEGER,
  },
  options: { timestamps: false, freezeTableName: true },
};
