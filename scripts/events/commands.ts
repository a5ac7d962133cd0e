// The operator's commands on events, for `npm run events` and the REPL.
import { connect, type ChannelModel } from 'amqplib';
import type { Env } from '../../broker/process/config.ts';
import {
  deadLettersInDatabase,
  deadLettersOnRabbitmq,
  type DeadLetter,
  type DeadLetters,
} from '../../broker/events/dead-letters.ts';
import { RETRY_DELAYS_MS } from '../../broker/events/retry.ts';
import { deadQueueOf, queueOf, retryQueueOf } from '../../broker/events/topology.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { openDatabase, type Database } from '../../broker/postgres/database.ts';
import { findServices } from '../../broker/process/find-services.ts';
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
  const definitions = await findServices({});
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

/** The number of messages and consumers of a queue; null where there is no such queue. */
export const depthOf = async (model: ChannelModel, queue: string) => {
  const channel = await model.createChannel();
  channel.on('error', () => undefined);
  try {
    const { messageCount, consumerCount } = await channel.checkQueue(queue);
    await channel.close();
    return { messages: messageCount, consumers: consumerCount };
  } catch {
    return null;
  }
};

const queueOnRabbitmq = async (model: ChannelModel, service: string) => {
  const main = await depthOf(model, queueOf(service));
  let retrying = 0;
  for (const index of RETRY_DELAYS_MS.keys())
    retrying += (await depthOf(model, retryQueueOf(service, index + 1)))?.messages ?? 0;
  const dead = await depthOf(model, deadQueueOf(service));
  return {
    waiting: main?.messages ?? null,
    consumers: main?.consumers ?? null,
    retrying: main && retrying,
    dead: dead?.messages ?? null,
  };
};

const queueInDatabase = async (db: Database) => {
  const [row] = await db.query<{ waiting: number; retrying: number; dead: number }>(
    `select count(*) filter (where dead_at is null and first_failed_at is null)::int as waiting,
       count(*) filter (where dead_at is null and first_failed_at is not null)::int as retrying,
       count(*) filter (where dead_at is not null)::int as dead from event_queue`,
  );
  return { waiting: null, retrying: null, dead: null, consumers: null, ...row };
};

const outboxOf = async (db: Database | null) => {
  const [row] = db
    ? await db.query<{ outbox: number; oldestS: number | null }>(
        `select count(*)::int as outbox,
           extract(epoch from now() - min(occurred_at))::float8 as "oldestS" from outbox`,
      )
    : [];
  return row ?? { outbox: null, oldestS: null };
};

const NO_QUEUE = { waiting: null, retrying: null, dead: null, consumers: null };

const rowOf = async ({ name, db, isSubscriber }: ServiceHandle, model: ChannelModel | null): Promise<Row> => {
  const inDatabase = isSubscriber && db && !model ? await queueInDatabase(db) : NO_QUEUE;
  const queue = isSubscriber && model ? await queueOnRabbitmq(model, name) : inDatabase;
  return { service: name, ...queue, ...(await outboxOf(db)) };
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
  if (model) return deadLettersOnRabbitmq(name, model, login);
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
      const oldest = oldestS === null ? null : `${Math.max(0, oldestS).toFixed(1)} s`;
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
