import { type Person, register } from '../system/accounts.ts';
import { fill } from './fill.ts';
import { BENCH_ENV, holdEventsBack, makeFolder, type StartedInstance, startInstance } from './instances.ts';

export const RARE_WORD = 'Zanzibar';

/** An embedded instance with one user's payments of a year; the driver and the relay are paused. */
export type Filled = { instance: StartedInstance; user: Person };

export const startFilled = async (
  port: number,
  payments: number,
  { role = 'CUSTOMER', ...given }: { role?: 'CUSTOMER' | 'VENDOR'; env?: Record<string, string> } = {},
): Promise<Filled> => {
  const env = { ...BENCH_ENV, PAYMENTS_DRIVER_SLOTS: '0', ...given.env };
  const instance = await startInstance({ port, dataFolder: makeFolder(), env });
  const user = await register(instance.urls, 'owner@bench.test', role);
  await instance.asOwner(async (client) => {
    await client.query(
      `insert into parties (id, email, name, role, status, version)
       values ($1, $2, 'Bench Owner', $3, 'active', 1) on conflict do nothing`,
      [user.id, user.email, role],
    );
    await fill(client, { userId: user.id, payments, rareWord: RARE_WORD });
  });
  await holdEventsBack(instance);
  return { instance, user };
};
