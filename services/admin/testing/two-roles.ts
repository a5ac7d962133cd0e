import { randomBytes } from 'node:crypto';
import { openDatabase, type Database } from '../../../broker/postgres/database.ts';
import { createLogger } from '../../../broker/process/logger.ts';
import { throwAwayDatabase } from '../../../broker/testing/throw-away-database.ts';

export type TwoRoles = {
  /** Of the role that the service has. */
  url: string;
  /** Of the role that owns the tables. */
  ownerUrl: string;
  /** The database as its owner. */
  owner: Database;
  drop(): Promise<void>;
};

const log = createLogger({ level: 'silent' });
const open = (url: string) => openDatabase({ url, poolSize: 1, name: 'test', log });

/** An empty throw-away database with an owner and a second role, as every instance has it. */
export const databaseWithTwoRoles = async (): Promise<TwoRoles> => {
  const made = await throwAwayDatabase();
  const admin = open(made.url);
  const name = `test_${randomBytes(6).toString('hex')}`;
  const urlOf = (role: string): string => {
    const url = new URL(made.url);
    [url.username, url.password] = [role, name];
    return url.href;
  };
  const [ownerName, serviceName] = [`${name}_owner`, `${name}_service`] as const;
  for (const role of [ownerName, serviceName])
    await admin.planned(`create role ${role} login password '${name}'`);
  await admin.planned(`alter schema public owner to ${ownerName}`);
  const owner = open(urlOf(ownerName));
  return {
    url: urlOf(serviceName),
    ownerUrl: urlOf(ownerName),
    owner,
    drop: async () => {
      await owner.close();
      await admin.planned(`drop owned by ${serviceName}`);
      await admin.planned(`drop role ${serviceName}`);
      await admin.planned(`reassign owned by ${ownerName} to current_user`);
      await admin.planned(`drop owned by ${ownerName}`);
      await admin.planned(`drop role ${ownerName}`);
      await admin.close();
      await made.drop();
    },
  };
};
