import type { Say } from '../../backup/progress.ts';
import { UsageError } from '../../events/system.ts';
import { LIFT } from '../cut-over/fence.ts';
import { whileLocked } from '../follow/change-log.ts';
import { LOGGED, PASS } from '../follow/change-log-sql.ts';
import type { Source, SourceConnection } from '../copy/source.ts';
import { targetOf, type Target } from '../copy/targets.ts';
import { numericColumn } from './amounts.ts';
import { changedIn } from './changed-rows.ts';
import { closeTargets, markBackedOut, readSourceState, reopenTargets } from './gate.ts';
import { indexOldIds } from './old-ids.ts';
import type { Going } from './stages.ts';
import { verifyBack } from './verify-back.ts';
import { writeBack, type Writer, type Written } from './write-back.ts';
import { readColumnTypes } from './writes.ts';

export type BackOutRequest = {
  /** POC-2 as it is now; to read. */
  before: Source;
  /** To write. */
  source: SourceConnection;
  targets: readonly Target[];
  /** Ids of users and payments that stay behind. */
  leave: readonly string[];
  /** Whether payments go back that are still open at the processor. */
  keepOpen: boolean;
  /** Whether events that were not delivered yet stay behind. */
  leaveEvents: boolean;
  nowMs: number;
  say: Say;
};

type Findings = { count: number; shown: string[] };

export type BackOutReport = Pick<Written, 'counts' | 'problems' | 'remarks'> & {
  outcome: 'done' | 'done before' | 'refused' | 'different';
  differences: Findings;
  seconds: number;
};

const SHOWN = 20;

/** @throws UsageError for what no table of POC-2 can say */
const checkSettled = async ({ targets, keepOpen, leaveEvents }: BackOutRequest): Promise<void> => {
  const { rows } = await targetOf(targets, 'payments').client.query<{ id: string; count: string }>(
    `select payment_id as id, count(*) over () as count from processor_operations where step <> 'done'
     order by payment_id limit 1`,
  );
  const [open] = rows;
  if (open && !keepOpen)
    throw new UsageError(
      `The processor still works on ${open.count} payments (${open.id}): POC-2 never asks it what became ` +
        'of them. Start Payloom until they have ended, or let them go back as they are: --open keep.',
    );
  for (const { database, client } of leaveEvents ? [] : targets) {
    const { rowCount } = await client.query('select from outbox limit 1');
    if (rowCount !== 0)
      throw new UsageError(
        `The database of ${database} has events that were not delivered yet: start Payloom until they are, ` +
          'or leave behind what others would have made of them: --undelivered leave.',
      );
  }
};

/** @throws UsageError where an event has left its database and is in admin's audit log not yet */
const checkHandled = async (
  targets: readonly Target[],
  snapshots: ReadonlyMap<string, string>,
): Promise<void> => {
  const admin = targetOf(targets, 'admin').client;
  for (const { database, client } of targets) {
    const published = changedIn('published_events', snapshots.get(database) ?? '');
    const { rows } = await client.query<{ id: string }>(`select id from ${published} as one`);
    const { rows: lacking } = await admin.query<{ id: string; count: string }>(
      `select one.id, count(*) over () as count from unnest($1::text[]) as one (id)
       where not exists (select from inbox where inbox.id::text = one.id) limit 1`,
      [rows.map(({ id }) => id)],
    );
    if (lacking[0])
      throw new UsageError(
        `${lacking[0].count} events of ${database} (${lacking[0].id}) are not in the audit log yet: ` +
          'start Payloom until they are, or leave them behind: --undelivered leave.',
      );
  }
};

/** Lifts the fence in the transaction that has written, so that both are there or none. */
const lift = (source: SourceConnection): Promise<void> =>
  whileLocked(source, { begin: 'savepoint lift', undo: 'rollback to savepoint lift' }, LIFT);

const verify = async (
  going: Going,
  { client }: Writer,
  written: Written,
  nowMs: number,
): Promise<Findings> => {
  const differences: Findings = { count: 0, shown: [] };
  for await (const text of verifyBack(going, client, written, nowMs)) {
    differences.count += 1;
    if (differences.shown.length < SHOWN) differences.shown.push(text);
  }
  return differences;
};

/** Writes, verifies and lifts the fence in one transaction of POC-2, which is rolled back on any doubt. */
const takeBack = async (
  request: BackOutRequest,
  { run, snapshots }: Awaited<ReturnType<typeof closeTargets>>,
): Promise<Omit<BackOutReport, 'seconds'>> => {
  const { before, source, targets, leave, nowMs, say } = request;
  const { client } = source;
  await checkSettled(request);
  if (!request.leaveEvents) await checkHandled(targets, snapshots);
  await indexOldIds(targets);
  for (const target of targets) await target.client.query('begin isolation level repeatable read read only');
  const types = await readColumnTypes(client, Object.keys(LOGGED));
  const { rowCount } = await targetOf(targets, 'auth').client.query(
    "select from pg_class where oid = to_regclass('poc2_hashes')",
  );
  const going: Going = {
    ...{ targets, snapshots, before: before.client, hasHashes: rowCount === 1, left: new Set(leave) },
    context: {
      ...run,
      equalEmails: new Set(run.equalEmails),
      sharedIntents: new Set(run.sharedIntents),
    },
    amount: numericColumn(types.get('payments.amount') ?? ''),
  };
  await client.query(`begin; ${PASS.replace('set ', 'set local ')}`);
  const written = await writeBack(going, { client, types });
  const report = { ...written, differences: { count: 0, shown: [] } };
  if (written.problems.length > 0) return { ...report, outcome: 'refused' };
  say('all is written; what POC-2 has now is mapped again and compared');
  const differences = await verify(going, { client, types }, written, nowMs);
  if (differences.count > 0) return { ...report, differences, outcome: 'different' };
  await lift(source);
  await client.query('update payloom_move.state set backed_out_at = now()');
  await client.query('commit');
  return { ...report, outcome: 'done' };
};

/**
 * Takes what services wrote since they were let in back into POC-2, which takes writes again then. Killed
 * anywhere, the same command does what is left: nothing, or all, or the records alone.
 * @throws UsageError when it refuses; POC-2 and the fence are as they were
 */
export const backOutAll = async (request: BackOutRequest): Promise<BackOutReport> => {
  const { source, targets } = request;
  const startedMs = performance.now();
  const state = await readSourceState(source);
  const closed = await closeTargets(source, targets);
  const seconds = (): number => (performance.now() - startedMs) / 1_000;
  if (state === 'backed out') {
    await markBackedOut(targets);
    const nothing = { counts: new Map<string, number>(), problems: [], remarks: [] };
    const differences = { count: 0, shown: [] };
    return { ...nothing, outcome: 'done before', differences, seconds: seconds() };
  }
  try {
    const report = await takeBack(request, closed);
    if (report.outcome !== 'done') {
      await source.client.query('rollback');
      await reopenTargets(targets);
      return { ...report, seconds: seconds() };
    }
    await markBackedOut(targets);
    return { ...report, seconds: seconds() };
  } catch (error) {
    await source.client.query('rollback').catch(() => undefined);
    // A commit whose answer was lost keeps them closed.
    if ((await readSourceState(source).catch(() => null)) === 'fenced') await reopenTargets(targets);
    throw error;
  }
};
