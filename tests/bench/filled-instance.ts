import { type Person, register } from '../system/accounts.ts';
import { fill } from './fill.ts';
import { BENCH_ENV, holdEventsBack, makeFolder, type StartedInstance, startInstance } from './instances.ts';

export const RARE_WORD = 'Zanzibar';

/** An embedded instance with one user's payments of a year; the driver and the relay are paused. */
export type Filled = { instance: StartedInstance; user: Person };

export const startFilled = async (port: number, payments: number): Promise<Filled> => {
  const env = { ...BENCH_ENV, PAYMENTS_DRIVER_SLOTS: '0' };
  const instance = await startInstance({ port, dataFolder: makeFolder(), env });
  const user = await register(instance.urls, 'owner@bench.test', 'CUSTOMER');
  await instance.asOwner(async (client) => {
    await client.query(
      `insert into parties (id, email, name, role, status, version)
       values ($1, $2, 'Bench Customer', 'CUSTOMER', 'active', 1) on conflict do nothing`,
      [user.id, user.email],
    );
    await fill(client, { userId: user.id, payments, rareWord: RARE_WORD });
  });
  await holdEventsBack(instance);
  return { instance, user };
};
