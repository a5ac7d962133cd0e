import { setTimeout as sleep } from 'node:timers/promises';
import { seeded, until } from '../system/timing.ts';
import type { Load } from './load.ts';
import type { System } from './system.ts';

type Kills = {
  victims: readonly string[];
  rounds: number;
  seed: number;
  /** How many requests are answered before each kill, so that it meets a system at work. */
  requests: number;
  /** Waits for more than that every process is ready. */
  settled?: () => Promise<unknown>;
};

/** Kills every victim in turn at a random moment under load, waits each time, and stops the load. */
export const killInTurn = async (
  system: System,
  load: Load,
  { victims, rounds, seed, requests, settled }: Kills,
): Promise<void> => {
  const random = seeded(seed);
  try {
    for (const victim of Array.from({ length: rounds }, () => victims).flat()) {
      const before = load.requests.length;
      await until('the load runs', 10_000, () => load.requests.length > before + requests);
      await sleep(random() * 200);
      await system.signal(victim, 'SIGKILL');
      await system.ready();
      await settled?.();
    }
  } finally {
    await load.stop().catch(() => undefined);
  }
};
