import { openDatabase, type Database } from '../postgres/database.ts';
import { migrate } from '../postgres/migrations.ts';
import { systemClock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { throwAwayDatabase } from './start-services.ts';

/** A throw-away database with the migrations of a service, and no service on it. */
export const migratedDatabase = async (folder: URL): Promise<{ db: Database; end(): Promise<void> }> => {
  const made = await throwAwayDatabase();
  const log = createLogger({ level: 'silent' });
  const db = openDatabase({ url: made.url, poolSize: 2, name: 'test', log });
  await migrate(db, folder, systemClock, log);
  const end = async () => {
    await db.close();
    await made.drop();
  };
  return { db, end };
};
