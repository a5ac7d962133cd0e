// Writes a flame graph of a running process.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processEnv } from '../../broker/process/config.ts';
import { dataFolderOf, runningOn } from '../../broker/process/data-folder.ts';
import { openStack } from '../stack/client.ts';
import { root } from '../stack/folder.ts';
import { frameTree, hottest, type CpuProfile } from './cpu-profile.ts';
import { flameGraph } from './flame-graph.ts';
import { inspect } from './inspector.ts';

const HELP = `npm run profile -- [PROCESS] [--stack NAME] [--seconds N] [--to FOLDER]
Measures where a running process spends its CPU time, while it works on.
  PROCESS    payments or payments-2: a process of a stack; without it the instance on PORT
  --stack    the stack (default: default)
  --seconds  how long (default: 10, at most 300)
  --to       where the files go (default: profiles)
Writes NAME.svg, a flame graph, and NAME.cpuprofile for the tools of Chromium and VS Code.`;

const SECONDS_MAX = 300;
const SAMPLE_US = 200;
const SHOWN = 12;

const options = {
  stack: { type: 'string', default: 'default' },
  seconds: { type: 'string', default: '10' },
  to: { type: 'string', default: 'profiles' },
  help: { type: 'boolean' },
} as const;

type Found = { name: string; pid: number };

const inInstance = (): Found => {
  const folder = dataFolderOf(processEnv());
  const pid = runningOn(folder);
  if (pid === null)
    throw new Error(`no instance runs on ${folder}; a process of a stack is given by its name`);
  return { name: 'instance', pid };
};

const inStack = async (stack: string, wanted: string): Promise<Found> => {
  const { units } = await (await openStack(stack)).status();
  const services = units.filter(({ kind }) => kind !== 'server');
  const found = services.find(
    ({ name, pid }) => pid !== null && [name, name.replace(/-\d+$/, '')].includes(wanted),
  );
  if (found?.pid) return { name: found.name, pid: found.pid };
  throw new Error(
    `no ${wanted} runs in the stack ${stack}; it has ${services.map(({ name }) => name).join(', ')}`,
  );
};

const capture = async (pid: number, seconds: number): Promise<CpuProfile> => {
  const inspector = await inspect(pid);
  try {
    await inspector.send('Profiler.enable');
    await inspector.send('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await inspector.send('Profiler.start');
    await sleep(seconds * 1_000);
    return (await inspector.send<{ profile: CpuProfile }>('Profiler.stop')).profile;
  } finally {
    await inspector.close();
  }
};

const run = async (): Promise<string> => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return HELP;
  const seconds = Number(values.seconds);
  if (!(seconds >= 1 && seconds <= SECONDS_MAX) || positionals.length > 1)
    throw new Error(`it takes at most one process, and 1 to ${SECONDS_MAX} seconds\n${HELP}`);
  const [wanted] = positionals;
  const { name, pid } = wanted === undefined ? inInstance() : await inStack(values.stack, wanted);
  console.log(`${name} (process ${pid}) is measured for ${seconds} s`);
  const profile = await capture(pid, seconds);
  const tree = frameTree(profile, root);
  mkdirSync(values.to, { recursive: true });
  const file = (extension: string) => join(values.to, `${name}.${extension}`);
  writeFileSync(file('cpuprofile'), JSON.stringify(profile));
  const busy = `${((100 * tree.totalUs) / (seconds * 1e6)).toFixed(0)} % of a core`;
  writeFileSync(file('svg'), flameGraph(tree, `${name}: ${busy} for ${seconds} s`));
  const lines = hottest(tree, SHOWN).map(({ name: called, place, selfUs }) => {
    const share = `${((100 * selfUs) / Math.max(1, tree.totalUs)).toFixed(1)} %`;
    return `${share.padStart(7)}  ${called} ${place}`;
  });
  return [`${busy}; by functions, of that:`, ...lines, `${file('svg')}, ${file('cpuprofile')}`].join('\n');
};

run().then(console.log, (error: Error) => {
  console.error(`profile: ${error.message}`);
  process.exitCode = 1;
});
