import { DataTypes } from 'sequelize';
import type { AdapterModel } from '../../../broker/postgres/database.ts';

/** The moleculer-db adapter's model of parties, for the REPL and administration; hot paths use SQL. */
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
