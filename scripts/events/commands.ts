// What operators ask of events on their way, for `npm run events` and the REPL.
import { connect, type ChannelModel } from 'amqplib';
import type { Env } from '../../broker/process/config.ts';
import {
  deadLettersInDatabase,
  deadLettersOnRabbitmq,
  type DeadLetter,
  type DeadLetters,
} from '../../broker/events/dead-letters.ts';
import { MAX_TRIES } from '../../broker/events/retry.ts';
import { deadQueueOf, queueOf, retryQueueOf } from '../../broker/events/topology.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { openDatabase, type Database } from '../../broker/postgres/database.ts';
import { findServices } from '../../broker/process/find-services.ts';

/** A mistake of the person who asks, in a sentence for them. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

type ServiceHandle = { name: string; db: Database | null; hears: boolean };
export type System = {
  instances: ServiceHandle[];
  model: ChannelModel | null;
  login: string;
  close(): Promise<void>;
};

const log = createLogger({ level: 'silent' });

/** Tries the addresses of a cluster in turn. */
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
 * Opens the databases and the RabbitMQ that an environment names; `close` ends that.
 * @throws UsageError in one sentence when RabbitMQ cannot be used
 */
export const openSystem = async (env: Env): Promise<System> => {
  const definitions = await findServices({});
  const connected = env['RABBITMQ_URL'] ? await connectAny(env['RABBITMQ_URL']) : null;
  const instances = definitions.map(({ contract, database, subscribers }) => {
    const url = database && env[database.env];
    return {
      name: contract.service,
      db: url ? openDatabase({ url, poolSize: 1, name: 'events', log }) : null,
      hears: database !== undefined && (subscribers?.length ?? 0) > 0,
    };
  });
  return {
    instances,
    model: connected?.model ?? null,
    login: connected?.login ?? '',
    close: async () => {
      await connected?.model.close().catch(() => undefined);
      await Promise.all(instances.map(({ db }) => db?.close()));
    },
  };
};

type Line = {
  service: string;
  waiting: number | null;
  retrying: number | null;
  dead: number | null;
  consumers: number | null;
  outbox: number | null;
  oldestS: number | null;
};

/** How many messages and consumers a queue has; null where there is no such queue. */
const depthOf = async (model: ChannelModel, queue: string) => {
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
  for (let tries = 1; tries < MAX_TRIES; tries++)
    retrying += (await depthOf(model, retryQueueOf(service, tries)))?.messages ?? 0;
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
    `select count(*) filter (where dead_at is null and attempts = 0)::int as waiting,
       count(*) filter (where dead_at is null and attempts > 0)::int as retrying,
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

const lineOf = async ({ name, db, hears }: ServiceHandle, model: ChannelModel | null): Promise<Line> => {
  const inDatabase = hears && db && !model ? await queueInDatabase(db) : NO_QUEUE;
  const queue = hears && model ? await queueOnRabbitmq(model, name) : inDatabase;
  return { service: name, ...queue, ...(await outboxOf(db)) };
};

/** Aligned text; numbers to the right. */
const tableOf = (head: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string => {
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

const lettersTable = (letters: readonly DeadLetter[]): string =>
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
      // What an unreadable message holds may also be meant for the terminal.
      letter.payload.slice(0, PAYLOAD_SHOWN).replaceAll(/[^\x20-\x7e]/g, '·'),
    ]),
  );

const lettersOf = ({ model, login }: System, { name, db }: ServiceHandle): DeadLetters => {
  if (model) return deadLettersOnRabbitmq(name, model, login);
  if (!db) throw new UsageError(`The database of ${name} is not known here.`);
  return deadLettersInDatabase(name, db);
};

const hearingServices = ({ instances }: System, service: string | undefined): ServiceHandle[] => {
  const all = instances.filter(({ hears }) => hears);
  if (service === undefined) return all;
  const found = all.find(({ name }) => name === service);
  if (!found) {
    const names = all.map(({ name }) => name).join(', ');
    throw new UsageError(`No service ${service} keeps events; these do: ${names}.`);
  }
  return [found];
};

type Flags = { json?: boolean; all?: boolean; 'dry-run'?: boolean };
type Command = (system: System, words: readonly string[], flags: Flags) => Promise<string>;

/** What an operator may ask, by name; each gives back what is to be printed. */
export const commands: Readonly<Record<string, Command>> = {
  list: async ({ instances, model }, _words, { json }) => {
    const lines: Line[] = [];
    for (const service of instances) lines.push(await lineOf(service, model));
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
    for (const service of hearingServices(system, name))
      letters.push(...(await lettersOf(system, service).list()));
    if (json) return JSON.stringify(letters, null, 2);
    return letters.length === 0 ? 'No dead letters.' : lettersTable(letters);
  },

  replay: async (system, [name, ...ids], { json, all, 'dry-run': dryRun }) => {
    if (name === undefined)
      throw new UsageError('Say which service: npm run events -- replay payments --all');
    if ((ids.length === 0) === (all !== true))
      throw new UsageError('Say either the ids of dead letters or --all.');
    const [service] = hearingServices(system, name);
    const letters = await lettersOf(system, service as ServiceHandle).replay(all ? 'all' : ids, { dryRun });
    const missing = ids.filter((id) => !letters.some((letter) => letter.id === id));
    if (json) return JSON.stringify({ replayed: dryRun ? [] : letters, found: letters, missing }, null, 2);
    const done = dryRun ? 'would go back' : 'went back';
    const lines = [`${letters.length} dead letters ${done} to ${name}.`];
    if (letters.length > 0) lines.push(lettersTable(letters));
    if (missing.length > 0) lines.push(`Not among its dead letters: ${missing.join(', ')}.`);
    return lines.join('\n');
  },
};
