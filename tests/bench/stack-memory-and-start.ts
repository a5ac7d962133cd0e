// P11 of the distributed system: idle memory of each process, and its time from start to ready.
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../system/statistics.ts';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
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

const memoryLines = async (bench: BenchStack): Promise<Line[]> =>
  [...(await byService(bench, ({ pid }) => rssMb(pid)))].map(([service, mbs]) => ({
    measure: `P11 memory idle, ${service}`,
    goal: 70,
    floor: 100,
    measured: Math.max(...mbs),
    unit: 'MB',
    detail: `resident: ${mbs.map((mb) => Math.round(mb)).join(', ')} MB`,
  }));

/** Restarts one process after the other, so that none is slowed by another. */
const startLines = async (bench: BenchStack, turns: number): Promise<Line[]> => {
  const together = await byService(bench, ({ name }) => name);
  const startMs = async (name: string): Promise<number> =>
    (await bench.units()).find((unit) => unit.name === name)?.readyAfterMs ?? Number.NaN;
  const lines: Line[] = [];
  for (const [service, [name = '']] of together) {
    const atFirstMs = await startMs(name);
    const times: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      await bench.stack.restart(name);
      times.push(await startMs(name));
    }
    lines.push({
      measure: `P11 start to ready, ${service}`,
      goal: 1,
      floor: 2.5,
      measured: median(times) / 1_000,
      unit: 's',
      detail: `alone, ${times.length} times; together with all others ${(atFirstMs / 1_000).toFixed(2)} s`,
    });
  }
  return lines;
};

/**
 * Memory of every process of the default stack after ten idle seconds; time from start to ready by service.
 */
export const measureStackIdle = async (base: number, options: StackIdleOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const bench = await startBenchStack(base);
  try {
    await quiet.check('P11 stack');
    await sleep(quick ? 2_000 : IDLE_MS);
    const memory = await memoryLines(bench);
    say(`  P11 stack: ${memory.map(({ measured }) => Math.round(measured)).join(', ')} MB`);
    return [...memory, ...(await startLines(bench, quick ? 1 : 5))];
  } finally {
    await bench.end();
  }
};
