import { parseArgs } from 'node:util';
import { freeBasePort, makeCopy } from './copy.ts';
import { SCENARIOS } from './scenarios.ts';

const HELP = `npm run faults [-- NAME …] [--seed N] [--runs N]
Breaks a copy of its own and asks the oracle afterwards.
NAME: ${Object.keys(SCENARIOS).join(', ')} (default: all).`;

const options = {
  seed: { type: 'string' },
  runs: { type: 'string', default: '1' },
  help: { type: 'boolean' },
} as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const names = positionals.length > 0 ? positionals : Object.keys(SCENARIOS);
const unknown = names.filter((name) => !Object.hasOwn(SCENARIOS, name));
if (unknown.length > 0) {
  console.error(`no fault ${unknown.join(', ')}\n${HELP}`);
  process.exit(2);
}

let failed = 0;
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
for (let run = 0; run < Number(values.runs); run++) {
  for (const name of names) {
    const scenario = SCENARIOS[name];
    if (!scenario) continue;
    console.log(`${name}: ${scenario.title} (seed ${seed + run})`);
    const copy = makeCopy(await freeBasePort(), { PROCESSOR_TIMEOUT_MS: '2000' });
    try {
      await copy.start();
      console.log(`  ${await scenario.run(copy, seed + run)}`);
      const { line, ok } = copy.verify();
      console.log(`  ${line}`);
      if (!ok) failed += 1;
    } catch (error) {
      failed += 1;
      console.log(`  broken: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await copy.remove();
    }
  }
}
console.log(failed === 0 ? 'every promise held' : `${failed} broken`);
process.exitCode = failed === 0 ? 0 : 1;
