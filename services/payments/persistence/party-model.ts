import type { AdapterModel } from '../../../broker/postgres/database.ts';

/** The moleculer-db adapter's model of parties, for the REPL. */
export const partyModel: AdapterModel = {
  name: 'parties',
  define: {
    id: { type: 'text', primaryKey: true },
    email: 'text',
    name: 'text',
    role: 'text',
    status: 'text',
    version: 'integer',
  },
  options: { timestamps: false, freezeTableName: true },
};
