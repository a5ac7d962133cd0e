import { purgeOf } from '../../../broker/postgres/delete-in-batches.ts';
import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';

export type ExportRow = {
  id: string;
  userId: UserId;
  state: 'running' | 'ready' | 'failed';
  requestedAt: Date;
  section: number;
  cursor: string | null;
  parts: number;
  items: number;
  /** Of the present section. */
  sectionItems: number;
  sizeBytes: number;
  attempts: number;
  claim: string | null;
  expiresAt: Date | null;
};

const COLUMNS = `id, user_id as "userId", state, requested_at as "requestedAt", section, cursor, parts,
  items, section_items as "sectionItems", size_bytes::float8 as "sizeBytes", attempts, claim,
  expires_at as "expiresAt"`;

/** A user's export that has not expired. */
export const findExport = async (db: Queryable, userId: UserId, now: Date): Promise<ExportRow | null> => {
  const [row] = await db.query<ExportRow>(
    `select ${COLUMNS} from exports where user_id = $1 and coalesce(expires_at > $2, true)`,
    [userId, now],
  );
  return row ?? null;
};

/** Starts an export in place of an earlier one; null while the earlier one is running. */
export const startExport = async (
  tx: Transaction,
  { id, userId, at }: { id: string; userId: UserId; at: Date },
): Promise<ExportRow | null> => {
  await tx.query(`delete from exports where user_id = $1 and state <> 'running'`, [userId]);
  const [row] = await tx.query<ExportRow>(
    `insert into exports (user_id, id, state, requested_at, due_at) values ($1, $2, 'running', $3, $3)
     on conflict (user_id) do nothing returning ${COLUMNS}`,
    [userId, id, at],
  );
  return row ?? null;
};

/** Claims the export that is due for the longest time; null when none is. */
export const claimDueExport = async (
  db: Queryable,
  { claim, now, leaseMs }: { claim: string; now: Date; leaseMs: number },
): Promise<ExportRow | null> => {
  const [row] = await db.query<ExportRow>(
    `update exports set claim = $1, due_at = $3, attempts = attempts + 1
     where id = (
       select id from exports where due_at <= $2 order by due_at limit 1 for update skip locked
     ) returning ${COLUMNS}`,
    [claim, now, new Date(now.getTime() + leaseMs)],
  );
  return row ?? null;
};

/** The next page to read, and what the last one has brought. */
export type Progress = { text: string; items: number; section: number; cursor: string | null; dueAt: Date };

/**
 * Stores a part and goes on to the next page.
 * @returns the export as it is then; null when another process has claimed it meanwhile, or it is gone
 */
export const addExportPart = async (
  tx: Transaction,
  { id, claim, parts }: ExportRow,
  { text, items, section, cursor, dueAt }: Progress,
): Promise<ExportRow | null> => {
  const [row] = await tx.query<ExportRow>(
    `update exports set section = $3, cursor = $4, due_at = $5, parts = parts + 1, items = items + $6,
       section_items = case when section = $3 then section_items + $6 else 0 end,
       size_bytes = size_bytes + octet_length($7::text), attempts = 0
     where id = $1 and claim = $2 and parts = $8 and state = 'running' returning ${COLUMNS}`,
    [id, claim, section, cursor, dueAt, items, text, parts],
  );
  if (!row) return null;
  await tx.query('insert into export_parts (export, part, text) values ($1, $2, $3)', [id, parts, text]);
  return row;
};

/** Ends an export that this process has claimed; returns false when another one has it by now. */
export const endExport = async (
  tx: Transaction,
  { id, claim }: ExportRow,
  { state, expiresAt, at }: { state: 'ready' | 'failed'; expiresAt: Date | null; at: Date },
): Promise<boolean> => {
  const ended = await tx.query(
    `update exports set state = $3, expires_at = $4, ended_at = $5, due_at = null, claim = null
     where id = $1 and claim = $2 and state = 'running' returning id`,
    [id, claim, state, expiresAt, at],
  );
  return ended.length > 0;
};

/** Lets the step be tried again at a later time. */
export const postponeExport = async (db: Queryable, { id, claim }: ExportRow, dueAt: Date): Promise<void> => {
  await db.query('update exports set due_at = $3, claim = null where id = $1 and claim = $2', [
    id,
    claim,
    dueAt,
  ]);
};

export const readExportPart = async (db: Queryable, id: string, part: number): Promise<string | null> => {
  const [row] = await db.query<{ text: string }>(
    'select text from export_parts where export = $1 and part = $2',
    [id, part],
  );
  return row?.text ?? null;
};

export const purgeExports = purgeOf({
  table: 'exports',
  key: 'id',
  // Those that are running have none.
  age: 'ended_at',
});
