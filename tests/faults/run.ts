import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FAULTS } from './all-faults.ts';
import { freeBasePort, makeCopy } from './embedded-instance.ts';
import type { CopyFault, Fault, Run, StackFault } from './fault.ts';
import { endLoads } from './load.ts';
import { crashes, logFilesOf, logWords } from './log-words.ts';
import { openSystem, type System } from './system.ts';

const HELP = `npm run faults -- [NAME …] [--short] [--seed N] [--runs N] [--list]
Breaks a stack of its own for real, under load, and asks the oracle after each fault.
  NAME          F4, or one of --list, or the end of its name (default: all)
  --short       the choice for CI, with fewer rounds
  --seed N      the same moments again
  --stack NAME  breaks this running stack instead
  --port BASE   where its own stack stands`;

const options = {
  seed: { type: 'string' },
  runs: { type: 'string', default: '1' },
  short: { type: 'boolean', default: false },
  list: { type: 'boolean' },
  stack: { type: 'string' },
  port: { type: 'string' },
  help: { type: 'boolean' },
} as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });

const isCalled = (fault: Fault, name: string): boolean =>
  fault.name === name || fault.name.startsWith(`${name}-`) || fault.name.endsWith(`-${name}`);

const chosen = FAULTS.filter((fault) =>
  positionals.length > 0 ? positionals.some((name) => isCalled(fault, name)) : fault.short || !values.short,
);

const leave = (text: string, code: number): never => {
  (code === 0 ? console.log : console.error)(text);
  process.exit(code);
};
if (values.help) leave(HELP, 0);
if (values.list) leave(FAULTS.map(({ name, title }) => `${name.padEnd(22)}${title}`).join('\n'), 0);
const unknown = positionals.filter((name) => !FAULTS.some((fault) => isCalled(fault, name)));
if (unknown.length > 0) leave(`no fault ${unknown.join(', ')}\n${HELP}`, 2);

type Result = { name: string; ok: boolean; figure: string };
const results: Result[] = [];
const firstSeed = Number(values.seed ?? Math.floor(Math.random() * 1e6));

const folder = join(import.meta.dirname, '../../test-results');

/** After each fault, so that what held is known also of a run that was cut short. */
const keep = (result: Result): void => {
  results.push(result);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'faults.json'), `${JSON.stringify(results, null, 2)}\n`);
};

type Trial = { act: () => Promise<string>; ask: () => Promise<Verdict>; logFiles: () => readonly string[] };

/** Runs a fault, then the oracle; both are printed, and of what broke also what the processes warned of. */
const judge = async (fault: Fault, run: Run, { act, ask, logFiles }: Trial) => {
  const startedMs = Date.now();
  console.log(`${fault.name}: ${fault.title} (seed ${run.seed})`);
  let ok = true;
  let figure = '';
  const attempt = async (step: () => Promise<string>) => {
    const said = await step().catch((error: Error) => {
      ok = false;
      return `broken: ${error.message}`;
    });
    figure = figure === '' ? said : `${figure} · ${said}`;
    console.log(`  ${said}`);
  };
  await attempt(act);
  await endLoads();
  await attempt(async () => {
    const verdict = await ask();
    ok &&= verdict.ok;
    return verdict.line;
  });
  keep({ name: fault.name, ok, figure });
  if (!ok) for (const words of logWords(logFiles(), startedMs)) console.log(`    ${words}`);
  console.log(`  ${ok ? 'held' : 'BROKEN'} after ${Math.round((Date.now() - startedMs) / 1_000)} s`);
};
type Verdict = { line: string; ok: boolean };

const endings = new Set<() => Promise<void>>();
const endAll = () => Promise.all([...endings].map((end) => end().catch(() => undefined)));
let isInterrupted = false;
const interrupt = async (): Promise<void> => {
  isInterrupted = true;
  // What is under way loses its stack now, and has nobody left to tell.
  process.on('unhandledRejection', () => undefined);
  await endAll();
  process.exit(130);
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void interrupt());
/** Nothing new begins once it was interrupted. */
const goOn = (): Promise<void> => (isInterrupted ? new Promise(() => undefined) : Promise.resolve());

const runOnCopy = async (fault: CopyFault, run: Run): Promise<void> => {
  const copy = makeCopy(await freeBasePort(), { PROCESSOR_TIMEOUT_MS: '2000' });
  endings.add(copy.remove);
  const act = async () => {
    await copy.start();
    return fault.run(copy, run);
  };
  await judge(fault, run, { act, ask: async () => copy.verify(), logFiles: () => [copy.logFile] });
  endings.delete(copy.remove);
  await copy.remove();
};

let opening: Promise<System> | null = null;
let brokers: 3 | undefined;

/** Also one that is just being started. */
const closeSystem = async (): Promise<void> => {
  const open = await opening;
  opening = null;
  await open?.close();
};
endings.add(closeSystem);

const systemFor = async (fault: StackFault): Promise<System> => {
  if (opening && (brokers === fault.brokers || values.stack)) return opening;
  await closeSystem();
  brokers = fault.brokers;
  const name = values.stack ?? `faults-${process.pid}`;
  const port = values.port ? Number(values.port) : undefined;
  console.log(values.stack ? `on the stack "${name}"` : `starting the stack "${name}"`);
  opening = openSystem({ name, port, brokers, isOurs: !values.stack });
  return opening;
};

const runOnStack = async (fault: StackFault, run: Run): Promise<void> => {
  const on = await systemFor(fault);
  const startedMs = Date.now();
  await judge(fault, run, {
    act: async () => {
      await on.ready();
      return fault.run(on, run);
    },
    ask: async () => {
      await goOn();
      await on.misbehave(null);
      await on.ready();
      const [crash] = crashes(on.stack.folder, startedMs);
      if (crash) throw new Error(`a process crashed: ${crash}`);
      return on.verify();
    },
    logFiles: () => logFilesOf(on.stack.folder),
  });
};

try {
  for (let number = 0; number < Number(values.runs); number++) {
    const run = { seed: firstSeed + number, short: values.short };
    for (const fault of chosen) {
      await goOn();
      await (fault.on === 'copy' ? runOnCopy(fault, run) : runOnStack(fault, run));
    }
  }
} finally {
  await endAll();
}
const broken = results.filter(({ ok }) => !ok);
for (const { name, figure } of broken) console.log(`broken: ${name}: ${figure}`);
console.log(`${results.length - broken.length} held, ${broken.length} broken`);
process.exitCode = broken.length === 0 ? 0 : 1;
