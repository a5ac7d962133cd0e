// P11 of the distributed system: what each process holds when it has nothing to do, and how soon it is ready.
import { setTimeout as wait } from 'node:timers/promises';
import { startBenchStack, type BenchStack } from './bench-stack.ts';
import { rssMb, type Quiet } from './machine.ts';
import { median, type Line } from './table.ts';

export type StackIdleOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const IDLE_MS = 10_000;

const processesOf = async ({ units }: BenchStack) =>
  (await units()).filter((unit) => unit.kind === 'process' && unit.service !== undefined);

/** The processes of each service, with what one of them tells as a number. */
const byService = async <T>(bench: BenchStack, tell: (unit: { name: string; pid: number }) => T) => {
  const services = new Map<string, T[]>();
  for (const unit of await processesOf(bench)) {
    const service = unit.service ?? '';
    services.set(service, [...(services.get(service) ?? []), tell(unit)]);
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

/** One process after the other, so that none waits for another's start. */
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
      detail: `alone, ${times.length} times; with all the others at once ${(atFirstMs / 1_000).toFixed(2)} s`,
    });
  }
  return lines;
};

/** Memory of every process of the default stack after ten idle seconds; start to ready by service. */
export const measureStackIdle = async (base: number, options: StackIdleOptions): Promise<Line[]> => {
  const { quick, quiet, say } = options;
  const bench = await startBenchStack(base);
  try {
    await quiet.check('P11 stack');
    await wait(quick ? 2_000 : IDLE_MS);
    const memory = await memoryLines(bench);
    say(`  P11 stack: ${memory.map(({ measured }) => Math.round(measured)).join(', ')} MB`);
    return [...memory, ...(await startLines(bench, quick ? 1 : 5))];
  } finally {
    await bench.end();
  }
};
