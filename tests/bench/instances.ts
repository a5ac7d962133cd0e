import {
  makeDataFolder,
  makeInstance,
  removeDataFolder,
  type Instance,
  type Owned,
} from '../system/embedded-instance.ts';

/** A Payloom under measurement, embedded or a stack. */
export type Measured = Owned & {
  /** The port of its first gateway. */
  port: number;
  /** Its public URL. */
  url: string;
  /** Where its API is called. */
  urls: readonly string[];
};

/** A started instance; `startMs` is the time from spawn to ready. */
export type StartedInstance = Instance & { startMs: number };

/** Limits off, and no demo data. */
export const BENCH_ENV = { DEMO_DATA: 'false', GATEWAY_LIMITS_OFF: 'true' };

const cleanups = new Set<() => Promise<void>>();

/** Runs `end` when the benches end, however they end. @returns a function that cancels it */
export const endWithBenches = (end: () => Promise<void>): (() => void) => {
  cleanups.add(end);
  return () => void cleanups.delete(end);
};

/** Ends everything that still runs and deletes all data, the newest first. */
export const cleanUp = async (): Promise<void> => {
  for (const end of [...cleanups].reverse()) await end();
  cleanups.clear();
};

/** A data folder that is deleted when the benches end. */
export const makeFolder = (): string => {
  const folder = makeDataFolder();
  endWithBenches(() => removeDataFolder(folder));
  return folder;
};

/** Starts an embedded instance, which is stopped when the benches end. */
export const startInstance = async (
  options: Parameters<typeof makeInstance>[0] & { dataFolder: string },
): Promise<StartedInstance> => {
  const instance = makeInstance(options);
  const { stop: stopInstance } = instance;
  const cancel = endWithBenches(stopInstance);
  const startMs = await instance.start();
  const stop = async () => {
    cancel();
    await stopInstance();
  };
  return Object.assign(instance, { startMs, stop });
};

/**
 * Revokes the relay's right to read the outbox: events stay there, and two failed reads a second cost
 * little.
 */
export const holdEventsBack = (measured: Owned): Promise<void> =>
  measured.asOwner(async (client) => {
    await client.query('revoke select, update, delete on outbox from payloom_payments');
  });

/** Grants the relay its right again. */
export const letEventsGo = (measured: Owned): Promise<void> =>
  measured.asOwner(async (client) => {
    await client.query('grant select, update, delete on outbox to payloom_payments');
  });
