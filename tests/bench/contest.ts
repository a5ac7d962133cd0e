import { setTimeout as sleep } from 'node:timers/promises';
import { sendFromOutside, type Job } from './load.ts';
import { cpuUs } from './machine.ts';

/** One side of a contest: its ports, and the pids of the processes whose CPU time counts, by name. */
export type Server = {
  ports: readonly number[];
  /** As in a job. */
  authority?: string;
  processes: Readonly<Record<string, number>>;
};

/** The measurements of one side, summed over all rounds. */
export type Sums = {
  cpuUsOf: Record<string, number>;
  requests: number;
  elapsedMs: number;
  latenciesMs: number[];
  loadCpuMs: number;
};

const cpuOf = ({ processes }: Server): Record<string, number> =>
  Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, cpuUs(pid)]));

const add = (sums: Sums, before: Record<string, number>, after: Record<string, number>): void => {
  for (const [name, us] of Object.entries(after)) {
    sums.cpuUsOf[name] = (sums.cpuUsOf[name] ?? 0) + us - (before[name] ?? 0);
  }
};

/** Runs both sides in turns, A B B A, after `warmUps` runs of each that do not count; the sums of each. */
export const contest = async (
  servers: readonly [Server, Server],
  job: (ports: readonly number[]) => Job,
  rounds: number,
  warmUps = 2,
): Promise<[Sums, Sums]> => {
  const empty = (): Sums => ({ cpuUsOf: {}, requests: 0, elapsedMs: 0, latenciesMs: [], loadCpuMs: 0 });
  const sums: [Sums, Sums] = [empty(), empty()];
  const run = async (which: 0 | 1, keep: boolean) => {
    const server = servers[which];
    const task = { ...job(server.ports), authority: server.authority };
    const before = cpuOf(server);
    const sent = await sendFromOutside(task);
    // Writes to sockets and logs that are still pending belong to the requests.
    await sleep(50);
    if (!keep) return;
    const sum = sums[which];
    add(sum, before, cpuOf(server));
    sum.requests += task.requests;
    sum.elapsedMs += sent.elapsedMs;
    sum.loadCpuMs += sent.cpuMs;
    sum.latenciesMs.push(...sent.latenciesMs);
  };
  for (let warmUp = 0; warmUp < warmUps; warmUp++)
    for (const which of [0, 1] as const) await run(which, false);
  for (let round = 0; round < rounds; round++)
    for (const which of [0, 1, 1, 0] as const) await run(which, true);
  return sums;
};

export const perSecond = ({ requests, elapsedMs }: Sums): number =>
  Math.round(requests / (elapsedMs / 1_000));

export const perRequestUs = ({ cpuUsOf, requests }: Sums): number =>
  Object.values(cpuUsOf).reduce((sum, us) => sum + us, 0) / requests;

/** CPU use of the load generator in percent of a core; near 100 it was the bottleneck. */
export const loadShare = ({ loadCpuMs, elapsedMs }: Sums): number =>
  Math.round((100 * loadCpuMs) / elapsedMs);
