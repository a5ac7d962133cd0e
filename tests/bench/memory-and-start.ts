// P11: what the embedded process holds when it has nothing to do, and how soon it is ready.
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { rssMb, type Quiet } from './machine.ts';
import { makeFolder, startPayloom, type Copy } from './payloom.ts';
import { median, type Line } from './table.ts';

export type IdleOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const IDLE_MS = 10_000;

/** All processes below one, itself included. */
const below = (pid: number): number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return [pid, ...children.flatMap((child) => below(Number(child)))];
};

/**
 * The Node process that serves, npm left out; PostgreSQL's processes are children of it and stand beside it.
 */
const memoryOf = ({ pid }: Copy): { nodeMb: number; postgresMb: number } => {
  const sum = (pids: number[]) => pids.reduce((mb, one) => mb + rssMb(one), 0);
  const pids = below(pid);
  const isPostgres = (one: number) => readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('postgres');
  return {
    nodeMb: sum(pids.filter((one) => !isPostgres(one))),
    postgresMb: sum(pids.filter(isPostgres)),
  };
};

const startLine = (measure: string, startMs: number, judged: boolean, detail: string): Line => ({
  measure: `P11 ${measure}`,
  goal: judged ? 1 : null,
  floor: judged ? 2.5 : null,
  measured: startMs / 1_000,
  unit: 's',
  detail,
});

/**
 * Memory after ten idle seconds, with the demo data as a person has it; start to ready, first and later, with
 * and without npm.
 */
export const measureIdle = async (port: number, { quick, quiet, say }: IdleOptions): Promise<Line[]> => {
  const dataFolder = makeFolder();
  await quiet.check('P11 first start');
  const start = async (npm: boolean, folder = dataFolder) => startPayloom({ port, dataFolder: folder, npm });
  const first = await start(false);
  await wait(quick ? 2_000 : IDLE_MS);
  const afterFirst = memoryOf(first);
  await first.stop();
  const later = await start(false);
  await wait(quick ? 2_000 : IDLE_MS);
  const { nodeMb, postgresMb } = memoryOf(later);
  await later.stop();
  say(`  P11 memory ${Math.round(nodeMb)} MB`);
  const again = async (npm: boolean): Promise<number> => {
    const times: number[] = [];
    for (let turn = 0; turn < (quick ? 1 : 5); turn++) {
      await quiet.check('P11 start');
      const copy = await start(npm);
      times.push(copy.startMs);
      await copy.stop();
    }
    return median(times);
  };
  const secondMs = await again(false);
  const npmMs = await again(true);
  const npmFirst = await start(true, makeFolder());
  await npmFirst.stop();
  return [
    {
      measure: 'P11 memory idle, embedded process',
      goal: 180,
      floor: null,
      measured: nodeMb,
      unit: 'MB',
      detail: `resident; PostgreSQL beside it ${Math.round(postgresMb)} MB, shared pages counted in each`,
    },
    {
      measure: 'P11 memory idle, after the first start',
      goal: 180,
      floor: null,
      measured: afterFirst.nodeMb,
      unit: 'MB',
      detail: 'the same process has made the demo data',
    },
    startLine('start to ready', secondMs, true, 'node broker/process/start.ts on data that exist'),
    startLine('start to ready, npm start', npmMs, false, 'with what npm and prestart take'),
    startLine(
      'first start',
      first.startMs,
      false,
      'node broker/process/start.ts: makes the cluster and the demo data',
    ),
    startLine(
      'first start, npm start',
      npmFirst.startMs,
      false,
      'the packages are installed and the pages built',
    ),
  ];
};
