// P11 of the distributed system: idle memory of each process, and its time from start to ready, beside Node
// that only loads Moleculer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processEnv } from '../../broker/process/config.ts';
import { COMPILE_CACHE, SMALL_PROCESS } from '../../scripts/stack/environment.ts';
import { median } from '../system/statistics.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { endWithBenches } from './instances.ts';
import { rssMb, type Quiet } from './machine.ts';
import type { Line } from './table.ts';

type StackIdleOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const IDLE_MS = 10_000;

const processesOf = async ({ units }: BenchStack) =>
  (await units()).filter((unit) => unit.kind === 'process' && unit.service !== undefined);

/** A value of each process, by service. */
const byService = async <T>(bench: BenchStack, valueOf: (unit: { name: string; pid: number }) => T) => {
  const services = new Map<string, T[]>();
  for (const unit of await processesOf(bench)) {
    const service = unit.service ?? '';
    services.set(service, [...(services.get(service) ?? []), valueOf(unit)]);
  }
  return services;
};

/** Its time to start, and its memory after a while, in milliseconds and megabytes. */
type Bare = { startMs: number; memoryMb: number };

const startBare = async (idleMs: number): Promise<Bare> => {
  const env = { PATH: processEnv()['PATH'] ?? '', ...COMPILE_CACHE, ...SMALL_PROCESS };
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-moleculer.ts')], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const end = () => void child.kill();
  const cancel = endWithBenches(async () => end());
  await once(child.stdout, 'data');
  const startMs = performance.now() - startedMs;
  await sleep(idleMs);
  const memoryMb = rssMb(child.pid as number);
  cancel();
  end();
  await once(child, 'exit');
  return { startMs, memoryMb };
};

/** Node that only loads Moleculer, with the options of our processes. */
const measureBare = async (turns: number, idleMs: number): Promise<Bare> => {
  // The first one fills the cache of compiled code.
  await startBare(0);
  const times: number[] = [];
  for (let turn = 0; turn < turns; turn++) times.push((await startBare(0)).startMs);
  return { startMs: median(times), memoryMb: (await startBare(idleMs)).memoryMb };
};

const memoryLines = async (bench: BenchStack, bare: Bare): Promise<Line[]> =>
  [...(await byService(bench, ({ pid }) => rssMb(pid)))].map(([service, mbs]) => ({
    measure: `P11 memory idle, ${service}`,
    goal: 65,
    floor: 80,
    measured: Math.max(...mbs),
    unit: 'MB',
    detail: `resident: ${[...mbs, bare.memoryMb].map(Math.round).join(', ')} MB, the last of bare Node`,
  }));

/** Restarts one process after the other, so that none is slowed by another. */
const startLines = async (bench: BenchStack, bare: Bare, turns: number): Promise<Line[]> => {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`;
  const against = (ms: number): string => `${seconds(ms)} against ${seconds(bare.startMs)}`;
  const together = await byService(bench, ({ name }) => name);
  const startMs = async (name: string): Promise<number> =>
    (await bench.units()).find((unit) => unit.name === name)?.readyAfterMs ?? Number.NaN;
  const lines: Line[] = [];
  const togetherMs = Math.max(...(await Promise.all([...together.values()].flat().map(startMs))));
  for (const [service, [name = '']] of together) {
    const times: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      await bench.stack.restart(name);
      times.push(await startMs(name));
    }
    lines.push({
      measure: `P11 start to ready, ${service}`,
      goal: 1.4,
      floor: 2,
      measured: median(times) / bare.startMs,
      unit: '×',
      detail: `alone, ${times.length} times: ${against(median(times))} of bare Node with Moleculer`,
    });
  }
  lines.push({
    measure: 'P11 start to ready, all together',
    goal: 2.5,
    floor: 4,
    measured: togetherMs / bare.startMs,
    unit: '×',
    detail: `the slowest of ${[...together.values()].flat().length}: ${against(togetherMs)}`,
  });
  return lines;
};

/**
 * Memory of every process of the default stack after ten idle seconds; time from start to ready by service.
 */
export const measureStackIdle = async (base: number, options: StackIdleOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const turns = quick ? 1 : 5;
  const idleMs = quick ? 2_000 : IDLE_MS;
  await quiet.check('P11 bare');
  const bare = await measureBare(turns, idleMs);
  const bench = await startBenchStack(base);
  try {
    await quiet.check('P11 stack');
    await sleep(idleMs);
    const memory = await memoryLines(bench, bare);
    say(`  P11 stack: ${memory.map(({ measured }) => Math.round(measured)).join(', ')} MB`);
    return [...memory, ...(await startLines(bench, bare, turns))];
  } finally {
    await bench.end();
  }
};
