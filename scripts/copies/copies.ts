// `npm run copies`: compares what services copy from each other with its source, and rebuilds it. See HELP.
import { parseArgs } from 'node:util';
import { findSource } from '../backup/systems.ts';
import { UsageError } from '../events/system.ts';
import { runCopies } from './run-copies.ts';

const HELP = `npm run copies [-- check | rebuild] [--service NAME] [--stack NAME]
Services keep copies of the users of auth, fed by its events. check (the default) names each row that differs:
missing, stale (an older version), different (other values under the same version), ahead (a newer version
than the source has, as after a restore), unknown (not in the source). rebuild gives them the values of the
source, while the system serves; unknown rows stay, because other rows may refer to them.
Each service also checks its copies once a day; npm run doctor shows when it finds something.
  --service NAME  only the copies of this service
  --stack NAME    a stack; otherwise as for npm run backup
Exit code 0: all are equal. 1: something differs. 2: the arguments are wrong or a server cannot be used.`;

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        service: { type: 'string' },
        stack: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
};

const run = async (): Promise<number> => {
  const { values, positionals } = readArguments();
  const [command = 'check'] = positionals;
  if (values.help || command === 'help') {
    console.log(HELP);
    return 0;
  }
  if (positionals.length > 1 || (command !== 'check' && command !== 'rebuild'))
    throw new UsageError('The commands are check and rebuild.');
  const source = await findSource(values.stack);
  try {
    const { service } = values;
    const report = await runCopies(source.system, { rebuild: command === 'rebuild', service });
    console.log(report.lines.join('\n'));
    return report.unmended > 0 ? 1 : 0;
  } finally {
    await source.close();
  }
};

run().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`copies: ${(error as Error).message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
