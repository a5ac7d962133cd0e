import { systemClock } from '../../../broker/process/clock.ts';
import { connectTo } from '../../backup/connect.ts';
import { UsageError } from '../../events/system.ts';
import { fillSample } from './fill.ts';

const LIMITS = { users: 1_000_000, payments: 10_000_000, seed: 4_294_967_295 } as const;

const numberOf = (name: keyof typeof LIMITS, text: string | undefined): number => {
  if (text === undefined) throw new UsageError(`Say how many: --${name} N.`);
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Infinity;
  if (number > LIMITS[name])
    throw new UsageError(`--${name} takes a whole number up to ${LIMITS[name].toLocaleString('en')}.`);
  return number;
};

const FEWEST_USERS = 10;

/**
 * Makes a database of POC-2.
 * @throws UsageError when it is not empty
 */
export const sample = async (
  sourceUrl: string,
  given: { users?: string | undefined; payments?: string | undefined; seed?: string | undefined },
  say: (line: string) => void,
): Promise<void> => {
  const users = numberOf('users', given.users);
  const payments = numberOf('payments', given.payments);
  const seed = numberOf('seed', given.seed ?? '1');
  if (users < FEWEST_USERS) throw new UsageError(`A sample has at least ${FEWEST_USERS} users.`);
  const client = await connectTo({ service: 'POC-2', url: sourceUrl }, 'poc2 sample');
  try {
    const { rows } = await client.query<{ table: string }>(
      `select oid::regclass::text as table from pg_class
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm') limit 1`,
    );
    if (rows[0])
      throw new UsageError(
        `The database is not empty: it has ${rows[0].table}. A sample needs an empty one.`,
      );
    await fillSample(client, { users, payments, seed, nowMs: systemClock.nowMs(), say });
  } finally {
    await client.end();
  }
};
