import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { crashes, logFilesOf, summarizeLogs } from '../system/log-summary.ts';
import { openContainers, type Containers } from './containers.ts';
import { FAULTS, faultsOfTurn, TURN_COUNT } from './all-faults.ts';
import { makeFaultInstance, type FaultInstance } from './fault-instance.ts';
import type { ContainersFault, Fault, InstanceFault, Run, StackFault } from './fault.ts';
import { endLoads } from './load.ts';
import { openSystem, type System } from './system.ts';
import { turnOfCommit } from './turn.ts';

const HELP = `npm run faults -- [NAME …] [--short] [--turn N] [--seed N] [--runs N] [--list]
Breaks a stack for real, under load, and runs the oracle after each fault.
  NAME          F4, or a name of --list, or the end of one (default: all but those in containers)
  --short       the choice for CI, with fewer rounds: what guards money, and one of ${TURN_COUNT} turns
  --turn N      this turn, from 1 to ${TURN_COUNT}, instead of the commit's
  --seed N      the same moments again
  --stack NAME  uses this running stack instead of one of its own
  --port BASE   the first port of its own stack`;

const options = {
  seed: { type: 'string' },
  runs: { type: 'string', default: '1' },
  short: { type: 'boolean', default: false },
  turn: { type: 'string' },
  list: { type: 'boolean' },
  stack: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean' },
} as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });

const matches = (fault: Fault, name: string): boolean =>
  fault.name === name || fault.name.startsWith(`${name}-`) || fault.name.endsWith(`-${name}`);

const leave = (text: string, code: number): never => {
  (code === 0 ? console.log : console.error)(text);
  process.exit(code);
};
if (values.help) leave(HELP, 0);
if (values.list) leave(FAULTS.map(({ name, title }) => `${name.padEnd(24)}${title}`).join('\n'), 0);
const unknown = positionals.filter((name) => !FAULTS.some((fault) => matches(fault, name)));
if (unknown.length > 0) leave(`no fault ${unknown.join(', ')}\n${HELP}`, 2);

const choose = (): readonly Fault[] => {
  if (positionals.length > 0)
    return FAULTS.filter((fault) => positionals.some((name) => matches(fault, name)));
  if (!values.short) return FAULTS.filter(({ on }) => on !== 'containers');
  const { turn, source } = values.turn
    ? { turn: Number(values.turn) - 1, source: '--turn' }
    : turnOfCommit(TURN_COUNT);
  const faults = faultsOfTurn(turn);
  console.log(`turn ${turn + 1} of ${TURN_COUNT} (${source}): ${faults.map(({ name }) => name).join(', ')}`);
  return faults;
};

type Result = { name: string; ok: boolean; figure: string };
const results: Result[] = [];
const firstSeed = Number(values.seed ?? Math.floor(Math.random() * 1e6));

const folder = join(import.meta.dirname, '../../test-results');

/** Written after each fault, so that a run that was cut short leaves its results. */
const save = (result: Result): void => {
  results.push(result);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'faults.json'), `${JSON.stringify(results, null, 2)}\n`);
};

type Verdict = { line: string; ok: boolean };
type Trial = {
  act: () => Promise<string>;
  verify: () => Promise<Verdict>;
  logFiles: () => readonly string[];
};

/** Runs a fault, then the oracle, and prints both; if one fails, also the processes' warnings. */
const judge = async (fault: Fault, run: Run, { act, verify, logFiles }: Trial): Promise<boolean> => {
  const startedMs = Date.now();
  console.log(`${fault.name}: ${fault.title} (seed ${run.seed})`);
  let ok = true;
  let figure = '';
  const attempt = async (step: () => Promise<string>) => {
    const text = await step().catch((error: Error) => {
      ok = false;
      return `broken: ${error.message}`;
    });
    figure = figure === '' ? text : `${figure} · ${text}`;
    console.log(`  ${text}`);
  };
  await attempt(act);
  await endLoads();
  await attempt(async () => {
    const verdict = await verify();
    ok &&= verdict.ok;
    return verdict.line;
  });
  save({ name: fault.name, ok, figure });
  if (!ok) for (const line of summarizeLogs(logFiles(), startedMs)) console.log(`    ${line}`);
  console.log(`  ${ok ? 'held' : 'BROKEN'} after ${Math.round((Date.now() - startedMs) / 1_000)} s`);
  return ok;
};

let instance: FaultInstance | null = null;

const closeInstance = async (): Promise<void> => {
  const open = instance;
  instance = null;
  await open?.remove();
};

let opening: Promise<System> | null = null;
let openedFor: Pick<StackFault, 'brokers' | 'needs'> = {};

/** Also closes a stack that is just being started. */
const closeSystem = async (): Promise<void> => {
  const open = await opening;
  opening = null;
  await open?.close();
};

let containers: Promise<Containers> | null = null;
const closeContainers = async (): Promise<void> => (await containers)?.close();

const closeAll = () => Promise.allSettled([closeInstance(), closeSystem(), closeContainers()]);
let isInterrupted = false;
const interrupt = async (): Promise<void> => {
  isInterrupted = true;
  // Work in progress loses its stack now; its errors mean nothing.
  process.on('unhandledRejection', () => undefined);
  await closeAll();
  process.exit(130);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void interrupt());
/** Never resolves after an interruption, so that nothing new begins. */
const unlessInterrupted = (): Promise<void> =>
  isInterrupted ? new Promise(() => undefined) : Promise.resolve();

/** Faults share one instance as long as each of them holds. */
const runOnInstance = async (fault: InstanceFault, run: Run): Promise<void> => {
  const isNew = instance === null;
  const on = (instance ??= await makeFaultInstance());
  const act = async () => {
    if (isNew) await on.start();
    return fault.run(on, run);
  };
  const verify = async () => {
    await on.injectFault(null);
    return on.verify();
  };
  const ok = await judge(fault, run, { act, verify, logFiles: () => [on.logFile] });
  if (!ok) await closeInstance();
};

const systemFor = async (fault: StackFault): Promise<System> => {
  const { brokers, needs } = fault;
  const fits = openedFor.brokers === brokers && openedFor.needs === needs;
  if (opening && (fits || values.stack)) return opening;
  await closeSystem();
  openedFor = { brokers, needs };
  const name = values.stack ?? `faults-${process.pid}`;
  const port = values.port ? Number(values.port) : undefined;
  console.log(values.stack ? `on the stack "${name}"` : `starting the stack "${name}"`);
  opening = openSystem({ name, port, brokers, needs, isOurs: !values.stack });
  return opening;
};

const runOnStack = async (fault: StackFault, run: Run): Promise<void> => {
  const on = await systemFor(fault);
  const startedMs = Date.now();
  await judge(fault, run, {
    act: async () => {
      await on.ready();
      on.goThrough(fault.edge ?? false);
      return fault.run(on, run);
    },
    verify: async () => {
      await unlessInterrupted();
      await on.injectFault(null);
      await on.ready();
      const [crash] = crashes(on.stack.folder, startedMs);
      if (crash) throw new Error(`a process crashed: ${crash}`);
      return on.verify();
    },
    logFiles: () => logFilesOf(on.stack.folder),
  });
};

const runOnContainers = async (fault: ContainersFault, run: Run): Promise<void> => {
  const on = await (containers ??= openContainers());
  await judge(fault, run, {
    act: () => fault.run(on, run),
    verify: async () => on.verify(),
    logFiles: () => [],
  });
};

const runOn = (fault: Fault, run: Run): Promise<void> => {
  if (fault.on === 'instance') return runOnInstance(fault, run);
  return fault.on === 'stack' ? runOnStack(fault, run) : runOnContainers(fault, run);
};

try {
  const chosen = choose();
  for (let number = 0; number < Number(values.runs); number++) {
    const run = { seed: firstSeed + number, short: values.short };
    for (const fault of chosen) {
      await unlessInterrupted();
      await runOn(fault, run);
    }
  }
} finally {
  await closeAll();
}
const broken = results.filter(({ ok }) => !ok);
for (const { name, figure } of broken) console.log(`broken: ${name}: ${figure}`);
console.log(`${results.length - broken.length} held, ${broken.length} broken`);
// A broken fault may leave its load or its sockets behind, which would keep the process alive.
process.exit(broken.length === 0 ? 0 : 1);
