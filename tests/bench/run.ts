import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { quietMachine } from './machine.ts';
import { cleanUp } from './instances.ts';
import { missed, tableOf, type Line } from './table.ts';

const HELP = `npm run bench -- [NAME …] [--quick] [--force] [--explain] [--list]
Measures Payloom against its goals (tests/bench/README.md).
  NAME       one of --list (default: all)
  --quick    small counts, for a trial run
  --force    measures on a busy machine too
  --explain  prints the plans of slow lists (P7)`;
const PORT = 4750;
/** The first port of the stack of the distributed benches; it takes a hundred ports. */
const STACK_PORT = 29_000;
const { values, positionals } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    force: { type: 'boolean', default: false },
    explain: { type: 'boolean', default: false },
    list: { type: 'boolean' },
    help: { type: 'boolean' },
  },
  allowPositionals: true,
});
const chosen = positionals.map((name) => name.toUpperCase());

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const quiet = quietMachine(values.force);
const options = { quick: values.quick, explain: values.explain, quiet, say };

type Bench = { names: readonly string[]; run: () => Promise<Line[]> };

/** The distributed ones come first; benches that share their preparation are one entry. */
const BENCHES: readonly Bench[] = [
  {
    names: ['P1', 'P2'],
    run: async () => (await import('./create-distributed.ts')).measureDistributed(STACK_PORT, options),
  },
  {
    names: ['P12', 'FILES'],
    run: async () => (await import('./edge.ts')).measureEdge(STACK_PORT, options),
  },
  { names: ['P5'], run: async () => (await import('./hop.ts')).measureHop(options.quick) },
  { names: ['EVENTS'], run: async () => (await import('./events.ts')).measureEvents(STACK_PORT, options) },
  {
    names: ['OUTBOX'],
    run: async () => (await import('./outbox-backlog.ts')).measureBacklog(STACK_PORT, options),
  },
  {
    names: ['RECOVERY'],
    run: async () => (await import('./recovery.ts')).measureRecovery(STACK_PORT, options),
  },
  {
    names: ['P6', 'SOCKETS'],
    run: async () => (await import('./sockets.ts')).measureSockets(STACK_PORT, options),
  },
  { names: ['LIVE'], run: async () => (await import('./live.ts')).measureLive(STACK_PORT, options) },
  {
    names: ['HANDSHAKES'],
    run: async () => (await import('./handshakes.ts')).measureHandshakes(STACK_PORT, options),
  },
  { names: ['P9'], run: async () => (await import('./first-load.ts')).measureFirstLoad(PORT, options) },
  {
    names: ['P11'],
    run: async () => [
      ...(await (await import('./stack-memory-and-start.ts')).measureStackIdle(STACK_PORT, options)),
      ...(await (await import('./memory-and-start.ts')).measureIdle(PORT, options)),
    ],
  },
  {
    names: ['P3'],
    run: async () => (await import('./create-and-list.ts')).measureCreateAndList(PORT, options),
  },
  {
    names: ['TRACES'],
    run: async () => (await import('./telemetry.ts')).measureTelemetry(PORT, options),
  },
  {
    names: ['SEARCHES'],
    run: async () => (await import('./searches.ts')).measureSearches(PORT, options),
  },
  { names: ['CACHING'], run: async () => (await import('./caching.ts')).measureCaching(PORT, options) },
  { names: ['GRAPHQL'], run: async () => (await import('./graphql.ts')).measureGraphql(PORT, options) },
  { names: ['AUDIT'], run: async () => (await import('./audit.ts')).measureAudit(PORT, options) },
  { names: ['P7'], run: async () => (await import('./scale.ts')).measureScale(PORT, options) },
];

/** P1 and so on are printed in upper case, words in lower case; arguments may be in either. */
const shown = (name: string): string => (/^P\d/.test(name) ? name : name.toLowerCase());
const known = BENCHES.flatMap(({ names }) => names);
if (values.help || values.list) {
  say(values.help ? HELP : known.map(shown).join('\n'));
  process.exit(0);
}
const unknown = chosen.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no bench ${unknown.map(shown).join(', ')}; there are ${known.map(shown).join(', ')}.\n`,
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
for (const { names, run } of BENCHES) {
  if (chosen.length > 0 && !names.some((name) => chosen.includes(name))) continue;
  const name = names.map(shown).join(', ');
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
  'Limits are off (GATEWAY_LIMITS_OFF=true) unless a line says otherwise; PostgreSQL has fsync and ' +
    'synchronous_commit on.',
);
if (options.quick) say('--quick: small counts, for a trial run; the figures are rough.');
const percent = Math.round(quiet.worst() * 100);
if (values.force && percent > 15)
  say(`--force: other programs used up to ${percent} % of the machine; these figures are unreliable.`);
say(`\n${tableOf(lines)}`);
await end(failed || missed(lines) > 0 ? 1 : 0);
