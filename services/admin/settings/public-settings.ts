import { isAppError } from '../../../broker/calls/errors.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';
import { SETTINGS, type PublicSettings } from '../../../shared/contracts/admin/settings.ts';
import { readCopies } from '../persistence/settings.ts';

export type ReadPublicSettings = () => Promise<PublicSettings>;

/**
 * Reads what is stopped and limited. Those who ask while a read runs share the next one: after a change every
 * open page asks at once. While the database is away the answer is the last one that was read.
 */
export const publicSettingsOf = (db: Queryable): ReadPublicSettings => {
  let known: PublicSettings | null = null;
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<PublicSettings> | null = null;

  const read = async (): Promise<PublicSettings> => {
    try {
      const rows = await readCopies(db, { ids: Object.keys(SETTINGS) });
      const initial = Object.entries(SETTINGS).map(([key, setting]) => [key, setting.initial]);
      const changed = rows.map(({ id, value }) => [id, value]);
      known = Object.fromEntries([...initial, ...changed]) as PublicSettings;
      return known;
    } catch (error) {
      if (known && isAppError(error) && error.code === 'unavailable') return known;
      throw error;
    }
  };

  return () => {
    next ??= running.then(() => {
      next = null;
      const reading = read();
      running = reading.catch(() => undefined);
      return reading;
    });
    return next;
  };
};
