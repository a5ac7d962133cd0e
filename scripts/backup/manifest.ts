import { createHash } from 'node:crypto';
import * as z from 'zod/mini';

/** Grows when a file can no longer be read by the version before. */
export const FORMAT = 1;

const count = z.int().check(z.nonnegative());
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const name = z.string().check(z.regex(/^[a-z][a-z0-9_-]{0,62}$/));

const entry = z.object({ sizeBytes: count, sha256 });
const table = z.object({ name, columns: z.array(name), rows: count, ...entry.shape });
const database = z.object({
  service: name,
  /** All that had run: they make the tables again. */
  migrations: z.array(z.string()),
  tables: z.array(table),
  sequences: z.array(z.object({ name, last: z.string().check(z.regex(/^-?\d{1,19}$/)) })),
});

/** What a backup holds. */
export const manifest = z.object({
  format: z.literal(FORMAT),
  /** The name of the system, for people. */
  system: z.string(),
  /** The common point: what was committed earlier is in the file. */
  at: z.iso.datetime(),
  databases: z.array(database),
  /** Null where events do not travel over RabbitMQ. */
  rabbitmq: z.nullable(
    z.object({
      exchange: z.string(),
      /** The queue of each subscribing service, with the events to which it is bound. */
      queues: z.array(z.object({ service: name, events: z.array(z.string()) })),
      deadLetters: z.array(z.object({ service: name, count, ...entry.shape })),
    }),
  ),
});
export type Manifest = z.output<typeof manifest>;
export type DatabaseInFile = Manifest['databases'][number];
export type TableInFile = DatabaseInFile['tables'][number];
export type RabbitmqInFile = NonNullable<Manifest['rabbitmq']>;
/** The size and checksum of a part of a file. */
export type Entry = z.output<typeof entry>;

export const tableEntry = (service: string, table: string): string => `databases/${service}/${table}.copy`;
export const deadLettersEntry = (service: string): string => `dead-letters/${service}.json`;

/** The entry with the manifest, the last one. */
export const MANIFEST = 'manifest.json';

/** The archive's comment: what the file is, and the checksum of the manifest, which has all others. */
export const commentOf = (manifestText: string): string =>
  `Payloom backup, manifest ${createHash('sha256').update(manifestText).digest('hex')}`;
