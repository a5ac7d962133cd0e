// Measures Payloom against its goals: `npm run bench -- [P3 P7 P9 P11] [--quick] [--force] [--explain]`.
import { cpus, totalmem } from 'node:os';
import { quietMachine } from './machine.ts';
import { cleanUp } from './payloom.ts';
import { missed, tableOf, type Line } from './table.ts';

const PORT = 4750;
const args = process.argv.slice(2);
const has = (flag: string): boolean => args.includes(flag);
const chosen = args.filter((arg) => !arg.startsWith('--')).map((arg) => arg.toUpperCase());

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const quiet = quietMachine(has('--force'));
const options = { quick: has('--quick'), explain: has('--explain'), quiet, say };

const BENCHES: readonly { name: string; run: () => Promise<Line[]> }[] = [
  { name: 'P9', run: async () => (await import('./first-load.ts')).measureFirstLoad(PORT, options) },
  { name: 'P11', run: async () => (await import('./memory-and-start.ts')).measureIdle(PORT, options) },
  { name: 'P3', run: async () => (await import('./create-and-list.ts')).measureCreateAndList(PORT, options) },
  { name: 'P7', run: async () => (await import('./scale.ts')).measureScale(PORT, options) },
];

const unknown = chosen.filter((name) => !BENCHES.some((bench) => bench.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}.\n`,
  );
  process.exit(1);
}

let ending = false;
const end = async (code: number): Promise<never> => {
  if (!ending) {
    ending = true;
    await cleanUp();
  }
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(130));

const lines: Line[] = [];
let failed = false;
for (const { name, run } of BENCHES) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  try {
    await quiet.check(name);
    lines.push(...(await run()));
  } catch (error) {
    if (ending) break;
    failed = true;
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  } finally {
    if (!ending) await cleanUp();
  }
}
const memoryGb = Math.round(totalmem() / 1024 ** 3);
say(`\n${cpus().length} cores of ${cpus()[0]?.model}, ${memoryGb} GB, Node ${process.version}`);
say(
  'Limits are off in every copy (GATEWAY_LIMITS_OFF=true); PostgreSQL has fsync and synchronous_commit on.',
);
if (options.quick) say('--quick: small counts, for trying the benches out; the numbers are rough.');
const percent = Math.round(quiet.worst() * 100);
if (has('--force') && percent > 15)
  say(`--force: others used up to ${percent} % of the machine; these numbers are not to be trusted.`);
say(`\n${tableOf(lines)}`);
await end(failed || missed(lines) > 0 ? 1 : 0);
