// `npm run poc2`: moves what a system of POC-2 has to Payloom. See HELP and README.md.
import { parseArgs } from 'node:util';
import { systemClock } from '../../broker/process/clock.ts';
import { processEnv } from '../../broker/process/config.ts';
import { UsageError } from '../events/system.ts';
import { bridge, BRIDGE_HELP } from './bridge/status.ts';
import { check, isFit, reportLines } from './check/check.ts';
import { copy, COPY_HELP, COPY_OPTIONS } from './copy/copy.ts';
import { BACK_OUT_HELP, BACK_OUT_OPTIONS, backOut } from './back-out/back-out.ts';
import { openSource } from './copy/source.ts';
import { follow, FOLLOW_HELP, FOLLOW_OPTIONS } from './follow/follow.ts';
import { cutOver, CUT_OVER_HELP, CUT_OVER_OPTIONS, finish } from './cut-over/cut-over.ts';
import { installChangeLog, uninstallChangeLog } from './follow/change-log.ts';
import { irregularLine, LIST_HELP, openList } from './list-file.ts';
import { MAPPING_HELP, MAPPING_OPTIONS, readMappingOptions } from './mapping-options.ts';
import type { Irregularity } from './mapping/table-mapping.ts';
import { sample } from './sample/sample.ts';
import { verify } from './verify/verify.ts';

const HELP = `npm run poc2 -- COMMAND --source URL [OPTIONS]     what POC-2 has, moved to Payloom

  sample --users N --payments N [--seed N]
                           makes a database of POC-2 in an empty one, with all known irregularities
  check                    names what is irregular in the source, and what becomes of it; writes nothing
  install                  before copy: makes a change log in the source, triggers that note the keys of
                           changed rows, so that changes after the copy can be followed. Needs the owner of
                           the tables
  uninstall                removes the change log
${COPY_HELP}
${FOLLOW_HELP}
${CUT_OVER_HELP}
${BACK_OUT_HELP}
${BRIDGE_HELP}

  --source URL             POC-2's database; otherwise POC2_DATABASE_URL
${LIST_HELP}

${MAPPING_HELP}

Exit code 0: all is well. 1: rows are refused or differ, or it failed. 2: the arguments are wrong, or a server
cannot be used.`;

const OPTIONS = {
  source: { type: 'string' },
  users: { type: 'string' },
  payments: { type: 'string' },
  seed: { type: 'string' },
  list: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  ...COPY_OPTIONS,
  ...FOLLOW_OPTIONS,
  ...CUT_OVER_OPTIONS,
  ...BACK_OUT_OPTIONS,
  ...MAPPING_OPTIONS,
} as const;

const readArguments = () => {
  try {
    return parseArgs({ allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
};
type Values = ReturnType<typeof readArguments>['values'];

const say = (line: string): void => console.log(line);

const sourceOf = ({ source }: Values): string => {
  const url = source ?? processEnv()['POC2_DATABASE_URL'];
  if (!url) throw new UsageError('Name the database of POC-2: --source URL, or POC2_DATABASE_URL.');
  return url;
};

/** Each command with its exit code. */
const COMMANDS: Readonly<Record<string, (values: Values, args: readonly string[]) => Promise<number>>> = {
  bridge: (values, args) => bridge(args, values, say),
  sample: async (values) => {
    await sample(sourceOf(values), values, say);
    return 0;
  },
  check: async (values) => {
    const options = readMappingOptions(values);
    const list = openList(values.list);
    const { client, close } = await openSource(sourceOf(values));
    try {
      const onIrregularity = (one: Irregularity) => list.add(irregularLine(one));
      const report = await check(client, { options, nowMs: systemClock.nowMs(), say, onIrregularity });
      reportLines(report).forEach(say);
      return isFit(report) ? 0 : 1;
    } finally {
      list.close();
      await close();
    }
  },
  install: async (values) => {
    say(await installChangeLog(sourceOf(values)));
    return 0;
  },
  uninstall: async (values) => {
    say(await uninstallChangeLog(sourceOf(values)));
    return 0;
  },
  copy: (values) => copy(sourceOf(values), values, readMappingOptions(values), say),
  follow: (values) => follow(sourceOf(values), values, say),
  'cut-over': (values) => cutOver(sourceOf(values), values, say),
  finish: (values) => finish(sourceOf(values), values, say),
  'back-out': (values) => backOut(sourceOf(values), values, say),
  verify: (values) => verify(sourceOf(values), values, say),
};

const run = async (): Promise<number> => {
  const { values, positionals } = readArguments();
  const [name, ...args] = positionals;
  if (values.help || name === undefined || name === 'help') {
    say(HELP);
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command || (args.length > 0 && name !== 'bridge'))
    throw new UsageError(`The commands are ${Object.keys(COMMANDS).join(', ')}.`);
  return command(values, args);
};

run().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`poc2: ${(error as Error).message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
