import type { Client } from 'pg';
import { UsageError } from '../../events/system.ts';
import type { MappingContext, SourceTable, TargetDatabase } from '../mapping/table-mapping.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { readEqualEmails } from '../copy/equal-emails.ts';
import {
  checkSource,
  readFilled,
  readProgress,
  readRun,
  readWaiting,
  recordFilled,
  recordFollowed,
  withoutRun,
  type Filled,
  type RecordedRun,
} from '../copy/records.ts';
import { readShapes, type Shapes } from '../copy/shapes.ts';
import type { Source } from '../copy/source.ts';
import { tableKey, type Target } from '../copy/targets.ts';
import { applyTaken } from './apply-all.ts';
import type { Applying } from './apply.ts';
import { checkTriggers, covers, readChangeLog, seesDeleted } from './change-log.ts';
import { readChanges } from './changes.ts';
import { makeIndexes } from './locate.ts';
import { takeShared } from './take-shared.ts';
import { addAll, take, takeAgain, type Taken } from './take.ts';

export type FollowRequest = {
  /** In the transaction of its snapshot, which stays open. */
  source: Pick<Source, 'name' | 'client' | 'snapshot'>;
  /** Locked by the caller (`lockTargets`), and in no transaction. */
  targets: readonly Target[];
  mappings: readonly AnyMapping[];
  /** Those of `readShapes`, where the caller has them. */
  shapes?: Shapes;
  /** Whether the copy has not ended: then only rows that it has reached are replaced. */
  isCopying?: boolean;
};

export type Followed = {
  /** Rows of the log that were new. */
  changes: number;
  /** Rows that were added, changed or deleted in the targets. */
  rows: number;
  /** How long ago the first change was made, when it was read. */
  oldestAgeMs: number;
};

type Followers = { target: Target; run: RecordedRun }[];

const ALL_TABLES: readonly SourceTable[] = [
  ...(['users', 'user_profiles', 'refresh_tokens', 'system_config', 'payments', 'audit_logs'] as const),
];

/** @throws UsageError when the databases cannot follow */
const readRuns = async (
  { name }: FollowRequest['source'],
  targets: readonly Target[],
  isCopying: boolean,
): Promise<Followers> =>
  Promise.all(
    targets.map(async (target) => {
      const { database, client } = target;
      const run = await readRun(client);
      if (!run) throw await withoutRun(target);
      checkSource(database, run, name);
      if (run.openedAt)
        throw new UsageError(
          `The database of ${database} is open since ${run.openedAt.toISOString()}: ` +
            'changes of the source do not reach it any more.',
        );
      if (run.backedOutAt)
        throw new UsageError(
          `The data of ${database} went back to POC-2: copy into an empty system to move once more.`,
        );
      if (!run.copiedAt && !isCopying)
        throw new UsageError('The copy has not ended: npm run poc2 -- copy goes on where it was cut off.');
      return { target, run };
    }),
  );

/** @throws UsageError when not all changes since the snapshots are logged */
const checkLog = async (source: FollowRequest['source'], snapshots: readonly string[]): Promise<void> => {
  const log = await readChangeLog(source);
  if (!log)
    throw new UsageError(
      `${source.name} has no change log: npm run poc2 -- install, then copy once more (--start-over).`,
    );
  for (const snapshot of snapshots) {
    if (!(await covers(source.client, log, snapshot)))
      throw new UsageError(
        'The change log was installed after the copy began: copy once more (--start-over).',
      );
    if (!(await seesDeleted(source.client, log, snapshot)))
      throw new UsageError(
        'The change log has no longer what these databases lack: another system follows this source, or ' +
          'they were restored to an earlier moment. Copy once more (--start-over).',
      );
  }
  await checkTriggers(source.client, source.name);
};

/** Whether this transaction sees less than one of the snapshots. */
const IS_EARLIER = `
  select from pg_current_snapshot() as own, unnest($1::text[]) as text, cast(text as pg_snapshot) as one
  where pg_snapshot_xmax(own) < pg_snapshot_xmax(one)
    or exists (select from pg_snapshot_xip(own) as xid where pg_visible_in_snapshot(xid, one))`;

/** @throws Error when the targets are ahead of the source's snapshot */
const checkOrder = async (client: Client, snapshots: readonly string[]): Promise<void> => {
  const { rowCount } = await client.query(IS_EARLIER, [snapshots]);
  if (rowCount !== 0) throw new Error('the databases have changes that this snapshot of the source has not');
};

/** What is later than now is in the future; times that near now are not (CLOCKS_DIFFER_MS). */
const RAISED_AFTER_MS = 30_000;

const latestOf = (followers: Followers, nowMs: number): number => {
  const latestMs = Math.max(...followers.map(({ run }) => run.latestMs));
  return nowMs > latestMs + RAISED_AFTER_MS ? nowMs : latestMs;
};

type Waiting = Map<SourceTable, Set<string>>;

const waitingIn = async (targets: readonly Target[]): Promise<Waiting> => {
  const waiting: Waiting = new Map(ALL_TABLES.map((table) => [table, new Set()]));
  for (const { client } of targets)
    for (const { table, id } of await readWaiting(client)) waiting.get(table)?.add(id);
  return waiting;
};

/** Users who had the address of an older one at one of the snapshots and have not now, or the reverse. */
const turnedUsers = (followers: Followers, now: ReadonlySet<string>): Set<string> => {
  const turned = new Set<string>();
  for (const { run } of followers) {
    const before = new Set(run.equalEmails);
    addAll(
      turned,
      run.equalEmails.filter((id) => !now.has(id)),
    );
    for (const id of now) if (!before.has(id)) turned.add(id);
  }
  return turned;
};

const limitsOf = async (
  followers: Followers,
): Promise<Map<TargetDatabase, ReadonlyMap<string, string | null>>> => {
  const limits = new Map<TargetDatabase, ReadonlyMap<string, string | null>>();
  for (const { target, run } of followers)
    if (!run.copiedAt) {
      const progress = await readProgress(target.client);
      limits.set(target.database, new Map([...progress].map(([table, { lastKey }]) => [table, lastKey])));
    }
  return limits;
};

export const filledIn = async (targets: readonly Target[]): Promise<Map<string, Filled>> => {
  const filled = new Map<string, Filled>();
  for (const { database, client } of targets)
    for (const [table, one] of await readFilled(client)) filled.set(tableKey({ database, table }), one);
  return filled;
};

/** Applies in one transaction of each database, and records the snapshot there. */
const applyAndRecord = async (
  { source, targets }: FollowRequest,
  applying: Applying,
  taken: Taken,
  isForced: boolean,
): Promise<void> => {
  const { context, gained } = applying;
  const end = (how: 'commit' | 'rollback') => (client: Client) => client.query(how);
  try {
    for (const { client } of targets) await client.query('begin; set constraints all immediate');
    await applyTaken(applying, taken, isForced);
    for (const { database, client } of targets) {
      const own = [...gained.values()].filter(({ table }) => table.database === database);
      await recordFilled(
        client,
        new Map(own.map(({ table, columns, rows }) => [table.table, { columns, rows }])),
      );
      await recordFollowed(client, {
        ...{ snapshot: source.snapshot, latestMs: context.latestMs },
        equalEmails: [...context.equalEmails],
        sharedIntents: [...context.sharedIntents],
      });
    }
    for (const { client } of targets) await end('commit')(client);
  } catch (error) {
    await Promise.all(targets.map(({ client }) => end('rollback')(client).catch(() => undefined)));
    throw error;
  }
};

/**
 * Brings the targets from the snapshots that they are at to that of the source: all changes that were
 * committed in between are applied at once. Each database records it in the transaction of its rows, so that
 * any crash leaves each at one snapshot.
 * @throws UsageError when changes cannot be followed
 */
export const followOnce = async (request: FollowRequest): Promise<Followed> => {
  const { source, targets, mappings, isCopying = false } = request;
  const followers = await readRuns(source, targets, isCopying);
  const snapshots = [...new Set(followers.map(({ run }) => run.snapshot))];
  await checkLog(source, snapshots);
  await checkOrder(source.client, snapshots);
  const { rows: changes, count, oldestAgeMs, nowMs } = await readChanges(source.client, snapshots);
  const [first] = followers;
  if (!first) throw new Error('there is no database to fill');
  const latestMs = latestOf(followers, nowMs);
  const isLater = followers.some(({ run }) => run.latestMs !== latestMs);
  const waiting = await waitingIn(targets);
  const isRetried = isLater && [...waiting.values()].some((ids) => ids.size > 0);
  const isForced = snapshots.length > 1;
  if (count === 0 && !isRetried && !isForced) return { changes: 0, rows: 0, oldestAgeMs: 0 };
  for (const target of targets) await makeIndexes(target);
  const taken = take(changes);
  if (isRetried) for (const [table, ids] of waiting) await takeAgain(taken, source.client, table, ids);
  const hasUsers = taken.wide.users.size > 0 || taken.all.has('users') || isForced;
  const runs = followers.map(({ run }) => run);
  const context: MappingContext = {
    ...{ options: first.run.options, nowMs: first.run.nowMs, latestMs },
    equalEmails: hasUsers
      ? await readEqualEmails(source.client, first.run.options)
      : new Set(first.run.equalEmails),
    sharedIntents: await takeShared(source.client, taken, runs, isForced),
  };
  if (hasUsers) await takeAgain(taken, source.client, 'users', turnedUsers(followers, context.equalEmails));
  const applying: Applying = {
    ...{ source, targets, mappings, context, waiting },
    shapes: request.shapes ?? (await readShapes(targets, mappings)),
    filled: await filledIn(targets),
    limits: await limitsOf(followers),
    gained: new Map(),
    ...{ written: 0, refused: [] },
  };
  await applyAndRecord(request, applying, taken, isForced);
  return { changes: count, rows: applying.written, oldestAgeMs };
};
