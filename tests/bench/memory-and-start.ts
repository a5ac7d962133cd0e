// P11: idle memory of the embedded process, and its time from start to ready.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from '../system/statistics.ts';
import { rssMb, type Quiet } from './machine.ts';
import { makeFolder, type StartedInstance, startInstance } from './instances.ts';
import type { Line } from './table.ts';

type IdleOptions = { quick: boolean; quiet: Quiet; say: (text: string) => void };

const IDLE_MS = 10_000;

/** A process and all its descendants. */
const below = (pid: number): number[] => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean);
  return [pid, ...children.flatMap((child) => below(Number(child)))];
};

/**
 * Memory of the Node process without npm; PostgreSQL's processes are its children and are summed separately.
 */
const memoryOf = ({ pid }: StartedInstance): { nodeMb: number; postgresMb: number } => {
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
 * Memory after ten idle seconds with demo data; time from start to ready, first and later, with and without
 * npm.
 */
export const measureIdle = async (port: number, { quick, quiet, say }: IdleOptions): Promise<Line[]> => {
  const dataFolder = makeFolder();
  await quiet.check('P11 first start');
  const start = async (npm: boolean, folder = dataFolder) => startInstance({ port, dataFolder: folder, npm });
  const first = await start(false);
  await sleep(quick ? 2_000 : IDLE_MS);
  const afterFirst = memoryOf(first);
  await first.stop();
  const later = await start(false);
  await sleep(quick ? 2_000 : IDLE_MS);
  const { nodeMb, postgresMb } = memoryOf(later);
  await later.stop();
  say(`  P11 memory ${Math.round(nodeMb)} MB`);
  const again = async (npm: boolean): Promise<number> => {
    const times: number[] = [];
    for (let turn = 0; turn < (quick ? 1 : 5); turn++) {
      await quiet.check('P11 start');
      const instance = await start(npm);
      times.push(instance.startMs);
      await instance.stop();
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
      goal: 110,
      floor: null,
      measured: nodeMb,
      unit: 'MB',
      detail: `resident; PostgreSQL beside it ${Math.round(postgresMb)} MB, shared pages counted in each`,
    },
    {
      measure: 'P11 memory idle, after the first start',
      goal: 110,
      floor: null,
      measured: afterFirst.nodeMb,
      unit: 'MB',
      detail: 'the process that has created the demo data',
    },
    startLine('start to ready', secondMs, true, 'node broker/process/start.ts on existing data'),
    startLine('start to ready, npm start', npmMs, false, 'including npm and prestart'),
    startLine(
      'first start',
      first.startMs,
      false,
      'node broker/process/start.ts: creates the cluster and the demo data',
    ),
    startLine(
      'first start, npm start',
      npmFirst.startMs,
      false,
      'the packages are installed and the pages built',
    ),
  ];
};
