// The operator's commands on events, for `npm run events` and the REPL.
import { connect, type ChannelModel } from 'amqplib';
import type { Env } from '../../broker/process/config.ts';
import {
  deadLettersInDatabase,
  type DeadLetter,
  type DeadLetters,
} from '../../broker/events/dead-letters.ts';
import { depthInDatabase, depthOnRabbitmq, outboxLagOf } from '../../broker/events/queue-depth.ts';
import { accessOver, channelsOf, deadLettersOnRabbitmq } from '../../broker/events/rabbitmq-dead-letters.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { openDatabase, type Database } from '../../broker/postgres/database.ts';
import { allServices } from '../../broker/process/find-services.ts';
import { declareEvents } from './declare-events.ts';
import { replayTo } from './replay-to.ts';
import { subscribersNamed, UsageError, type ServiceHandle, type System } from './system.ts';

const log = createLogger({ level: 'silent' });

/** Connects to the first node of a cluster that answers. */
const connectAny = async (addresses: string): Promise<{ model: ChannelModel; login: string }> => {
  let problem = '';
  for (const address of addresses.split(',').map((part) => part.trim())) {
    try {
      const model = await connect(address, { timeout: 2_000 });
      model.on('error', () => undefined);
      return { model, login: decodeURIComponent(new URL(address).username) };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const url = URL.parse(address);
      const service = `RabbitMQ at ${url?.host ?? 'RABBITMQ_URL'}`;
      problem = /ACCESS.REFUSED/.test(message)
        ? `${service} refuses the login of ${url?.username}: wrong user name or password.`
        : `${service} cannot be reached: ${code ?? message}.`;
    }
  }
  throw new UsageError(problem);
};

/**
 * Connects to the databases and the RabbitMQ that the variables name, until `close`.
 * @param say prints a line of progress
 * @throws UsageError when RabbitMQ cannot be used
 */
export const openSystem = async (
  env: Env,
  say: (line: string) => void = () => undefined,
): Promise<System> => {
  const definitions = await allServices(env);
  const connected = env['RABBITMQ_URL'] ? await connectAny(env['RABBITMQ_URL']) : null;
  const services = definitions.map(({ contract, database, subscribers }) => {
    const url = database && env[database.env];
    return {
      name: contract.service,
      db: url ? openDatabase({ url, poolSize: 1, name: 'events', log }) : null,
      isSubscriber: database !== undefined && (subscribers?.length ?? 0) > 0,
    };
  });
  return {
    definitions,
    services,
    model: connected?.model ?? null,
    login: connected?.login ?? '',
    say,
    close: async () => {
      await connected?.model.close().catch(() => undefined);
      await Promise.all(services.map(({ db }) => db?.close()));
    },
  };
};

type Row = {
  service: string;
  waiting: number | null;
  retrying: number | null;
  dead: number | null;
  consumers: number | null;
  outbox: number | null;
  oldestS: number | null;
};

const NO_QUEUE = { waiting: null, retrying: null, dead: null, consumers: null };
const NO_OUTBOX = { rows: null, oldestS: null };

const queueDepth = (service: string, db: Database | null, model: ChannelModel | null) => {
  if (model) return depthOnRabbitmq(channelsOf(model), service);
  return db && depthInDatabase(db);
};

const rowOf = async ({ name, db, isSubscriber }: ServiceHandle, model: ChannelModel | null): Promise<Row> => {
  const queue = (isSubscriber && (await queueDepth(name, db, model))) || NO_QUEUE;
  const { rows, oldestS } = db ? await outboxLagOf(db) : NO_OUTBOX;
  return { service: name, ...queue, outbox: rows, oldestS: rows === 0 ? null : oldestS };
};

/** Rows as an aligned table, numbers to the right. */
export const tableOf = (
  head: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string => {
  const texts = rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))));
  const widths = head.map((name, at) => Math.max(name.length, ...texts.map((row) => row[at]?.length ?? 0)));
  const isNumber = (at: number) => rows.some((row) => typeof row[at] === 'number');
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (isNumber(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [head, ...texts].map(line).join('\n');
};

const PAYLOAD_SHOWN = 60;

const deadLetterTable = (letters: readonly DeadLetter[]): string =>
  tableOf(
    [
      'service',
      'id',
      'event',
      'tries',
      'first failure',
      'last failure',
      'request',
      'bytes',
      'cause',
      'payload',
    ],
    letters.map((letter) => [
      letter.service,
      letter.id,
      letter.event,
      letter.attempts,
      letter.firstFailureAt,
      letter.lastFailureAt,
      letter.requestId,
      letter.sizeBytes,
      letter.cause.split('\n')[0] ?? '',
      // Control characters of an unreadable message must not reach the terminal.
      letter.payload.slice(0, PAYLOAD_SHOWN).replaceAll(/[^\x20-\x7e]/g, '·'),
    ]),
  );

const deadLettersOf = ({ model, login }: System, { name, db }: ServiceHandle): DeadLetters => {
  if (model) return deadLettersOnRabbitmq(name, accessOver(model, login));
  if (!db) throw new UsageError(`The database of ${name} has no address here.`);
  return deadLettersInDatabase(name, db);
};

type Flags = {
  json?: boolean;
  all?: boolean;
  'dry-run'?: boolean;
  /** A service that is sent kept events. */
  to?: string;
  from?: string;
  event?: string[];
};
type Command = (system: System, args: readonly string[], flags: Flags) => Promise<string>;

/** The commands by name; each returns the text to print. */
export const commands = {
  list: async ({ services, model }, _args, { json }) => {
    const lines: Row[] = [];
    for (const service of services) lines.push(await rowOf(service, model));
    if (json) return JSON.stringify(lines, null, 2);
    const shown = lines.map(({ service, waiting, retrying, dead, consumers, outbox, oldestS }) => {
      const oldest = oldestS === null ? null : `${oldestS.toFixed(1)} s`;
      return [service, waiting, retrying, dead, consumers, outbox, oldest];
    });
    return tableOf(
      ['service', 'waiting', 'retrying', 'dead', 'consumers', 'outbox', 'oldest in outbox'],
      shown,
    );
  },

  dead: async (system, [name], { json }) => {
    const letters: DeadLetter[] = [];
    for (const service of subscribersNamed(system, name))
      letters.push(...(await deadLettersOf(system, service).list()));
    if (json) return JSON.stringify(letters, null, 2);
    return letters.length === 0 ? 'No dead letters.' : deadLetterTable(letters);
  },

  replay: async (system, [name, ...ids], flags) => {
    const { json, all, 'dry-run': dryRun } = flags;
    if (flags.to !== undefined) return replayTo(system, flags.to, flags);
    if (name === undefined) throw new UsageError('Name a service: npm run events -- replay payments --all');
    if ((ids.length === 0) === (all !== true))
      throw new UsageError('Give either ids of dead letters or --all.');
    const [service] = subscribersNamed(system, name);
    const letters = await deadLettersOf(system, service as ServiceHandle).replay(all ? 'all' : ids, {
      dryRun,
    });
    const missing = ids.filter((id) => !letters.some((letter) => letter.id === id));
    if (json) return JSON.stringify({ replayed: dryRun ? [] : letters, found: letters, missing }, null, 2);
    const done = dryRun ? 'would be returned' : 'were returned';
    const lines = [`${letters.length} dead letters ${done} to ${name}.`];
    if (letters.length > 0) lines.push(deadLetterTable(letters));
    if (missing.length > 0) lines.push(`Not among its dead letters: ${missing.join(', ')}.`);
    return lines.join('\n');
  },

  upgrade: async ({ definitions, model, login }, _args, { json }) => {
    if (!model)
      throw new UsageError('Without RabbitMQ there are no queues to upgrade; databases are migrated.');
    const moved = await declareEvents(model, login, definitions);
    if (json) return JSON.stringify({ moved: moved ?? 0 }, null, 2);
    return moved === null ? 'There are no queues of an older version.' : `Moved ${moved} messages.`;
  },
} satisfies Readonly<Record<string, Command>>;
