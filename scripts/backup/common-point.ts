import { setTimeout as sleep } from 'node:timers/promises';
import { escapeIdentifier, type Client } from 'pg';
import { MIGRATION_LOCK } from '../../broker/postgres/migrations.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { UsageError } from '../events/system.ts';
import { connectTo, type Place } from './connect.ts';
import { listTables, type Table } from './tables.ts';

/** A database as it was at the common point. */
export type Snapshot = { service: string; client: Client; tables: Table[] };

export type CommonPoint = {
  /** What was committed earlier, in any database, is in the snapshots. */
  at: Date;
  /** How long writes waited at most. */
  pausedMs: number;
  snapshots: Snapshot[];
  close(): Promise<void>;
};

/**
 * How long writes may be held up by one attempt: shorter than PostgreSQL's `deadlock_timeout` (1 s), so that
 * an attempt never makes a service's transaction the victim of a deadlock. Every fourth attempt lasts longer:
 * an autovacuum yields its lock to it. Services wait 2.5 s for a lock (`broker/postgres/database.ts`).
 */
const ATTEMPT_MS = 800;
const LONG_ATTEMPT_MS = 1_500;
const PATIENCE_MS = 120_000;
const PAUSE_MS = 300;

/** A statement's time limit, a lock's, a deadlock. */
const BUSY = ['57014', '55P03', '40P01'];

type Pair = { service: string; tables: Table[]; locker: Client; reader: Client };

const openPair = async (place: Place, opened: Client[]): Promise<Pair> => {
  const open = async () => {
    const client = await connectTo(place, 'backup');
    opened.push(client);
    return client;
  };
  const [locker, reader] = [await open(), await open()];
  const { rows } = await reader.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [
    MIGRATION_LOCK,
  ]);
  if (rows[0]?.locked !== true)
    throw new UsageError(
      `The database of ${place.service} is being migrated or backed up; repeat afterwards.`,
    );
  return { service: place.service, tables: await listTables(locker), locker, reader };
};

/** Waits for the writing transactions of a database to end, and holds up new ones. */
const stopWrites = async ({ locker, tables }: Pair, limitMs: number): Promise<void> => {
  const names = tables.map(({ name }) => `only ${escapeIdentifier(name)}`).join(', ');
  await locker.query(`begin; set local statement_timeout = ${Math.max(1, Math.ceil(limitMs))}`);
  if (names !== '') await locker.query(`lock table ${names} in share mode`);
};

const takeSnapshot = async ({ reader }: Pair): Promise<void> => {
  await reader.query('begin isolation level repeatable read, read only');
  // The first query fixes what the transaction sees.
  await reader.query('select 1');
};

const endOf = (client: Client) => client.query('rollback').catch(() => undefined);

/** @returns false when a transaction did not end in time */
const attempt = async (pairs: readonly Pair[], limitMs: number): Promise<boolean> => {
  const startedMs = performance.now();
  try {
    for (const pair of pairs) await stopWrites(pair, limitMs - (performance.now() - startedMs));
    await Promise.all(pairs.map(takeSnapshot));
    // Fails when a connection was lost, and with it the lock.
    await Promise.all(pairs.map(({ locker }) => locker.query('rollback')));
    return true;
  } catch (error) {
    await Promise.all(pairs.flatMap(({ locker, reader }) => [endOf(locker), endOf(reader)]));
    if (BUSY.includes((error as { code?: string }).code ?? '')) return false;
    throw error;
  }
};

const takeAll = async (pairs: readonly Pair[]): Promise<{ at: Date; pausedMs: number }> => {
  const endMs = performance.now() + PATIENCE_MS;
  let pausedMs = 0;
  for (let tries = 1; performance.now() < endMs; tries++) {
    const [at, startedMs] = [systemClock.now(), performance.now()];
    const isTaken = await attempt(pairs, tries % 4 === 0 ? LONG_ATTEMPT_MS : ATTEMPT_MS);
    pausedMs = Math.max(pausedMs, performance.now() - startedMs);
    if (isTaken) return { at, pausedMs };
    await sleep(PAUSE_MS * (1 + Math.random()));
  }
  const seconds = PATIENCE_MS / 1_000;
  throw new UsageError(
    `For ${seconds} s there was always a long write transaction. End it, or repeat at a quieter time.`,
  );
};

/**
 * Opens snapshots of several databases that all show the same moment: for some milliseconds no transaction
 * can write in any of them, and every snapshot is taken within that time. Services wait meanwhile and do not
 * fail. Migrations wait until `close`.
 * @throws UsageError when a database cannot be used, is being migrated, or always has a long write
 *   transaction
 */
export const openCommonPoint = async (places: readonly Place[]): Promise<CommonPoint> => {
  const opened: Client[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((client) => client.end().catch(() => undefined)));
  };
  try {
    const pairs: Pair[] = [];
    for (const place of places) pairs.push(await openPair(place, opened));
    const { at, pausedMs } = await takeAll(pairs);
    await Promise.all(pairs.map(({ locker }) => locker.end()));
    const snapshots = pairs.map(({ service, reader, tables }) => ({ service, client: reader, tables }));
    return { at, pausedMs, snapshots, close };
  } catch (error) {
    await close();
    throw error;
  }
};
