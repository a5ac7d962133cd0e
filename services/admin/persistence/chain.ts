import type { Plannable, Queryable, Transaction } from '../../../broker/postgres/database.ts';
import { ENTRY_COLUMNS, type EntryRow } from './entries.ts';

export type Link = { position: number; entryId: string; entryHash: Buffer; hash: Buffer };
export type Checkpoint = { position: number; hash: Buffer; at: Date; key: string; signature: Buffer };

/** Arbitrary; one worker at a time extends the chain. */
const CHAIN_LOCK = 7_041_863;

/** Takes the right to extend the chain until the transaction ends; false when another process has it. */
export const lockChain = async (tx: Transaction): Promise<boolean> => {
  const [row] = await tx.query<{ locked: boolean }>('select pg_try_advisory_xact_lock($1) as locked', [
    CHAIN_LOCK,
  ]);
  return row?.locked === true;
};

/** The end of the chain, or null when it is empty. */
export const lastLink = async (db: Queryable): Promise<Pick<Link, 'position' | 'hash'> | null> => {
  const [row] = await db.query<{ position: string; hash: Buffer }>(
    'select position, hash from chain order by position desc limit 1',
  );
  return row ? { position: Number(row.position), hash: row.hash } : null;
};

/** Takes entries that are not in the chain, the oldest first. */
export const takeUnsealed = (tx: Transaction, limit: number): Promise<EntryRow[]> =>
  tx.query<EntryRow>(
    `with taken as (
       delete from unsealed where entry_id in (select entry_id from unsealed order by entry_id limit $1)
       returning entry_id
     )
     select ${ENTRY_COLUMNS} from entries where id in (select entry_id from taken) order by id`,
    [limit],
  );

export const insertLinks = async (tx: Transaction, links: readonly Link[]): Promise<void> => {
  await tx.query(
    `insert into chain (position, entry_id, entry_hash, hash)
     select * from unnest($1::bigint[], $2::text[], $3::bytea[], $4::bytea[])`,
    [
      links.map(({ position }) => position),
      links.map(({ entryId }) => entryId),
      links.map(({ entryHash }) => entryHash),
      links.map(({ hash }) => hash),
    ],
  );
};

export const insertCheckpoint = async (tx: Transaction, one: Checkpoint): Promise<void> => {
  await tx.query('insert into checkpoints (position, hash, at, key, signature) values ($1, $2, $3, $4, $5)', [
    one.position,
    one.hash,
    one.at,
    one.key,
    one.signature,
  ]);
};

type CheckpointRow = Omit<Checkpoint, 'position'> & { position: string };

/** Checkpoints after a position up to another one, in order. */
export const readCheckpoints = async (db: Queryable, after: number, upTo: number): Promise<Checkpoint[]> => {
  const rows = await db.query<CheckpointRow>(
    `select position, hash, at, key, signature from checkpoints
     where position > $1 and position <= $2 order by position`,
    [after, upTo],
  );
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
};

/** The last position that the chain or a checkpoint has; 0 when there is none. */
export const lastPosition = async (db: Queryable): Promise<number> => {
  const [row] = await db.query<{ last: string | null }>(
    'select greatest((select max(position) from chain), (select max(position) from checkpoints)) as last',
  );
  return Number(row?.last ?? 0);
};

/** A link with its entry; null where the entry is gone. */
export type LinkedEntry = Link & { entry: EntryRow | null };

type LinkedRow = Omit<EntryRow, 'id'> & {
  id: string | null;
  position: string;
  entry_id: string;
  entry_hash: Buffer;
  hash: Buffer;
};

/** The next links after a position, in order. */
export const readLinks = async (db: Queryable, after: number, limit: number): Promise<LinkedEntry[]> => {
  const rows = await db.query<LinkedRow>(
    `select position, entry_id, entry_hash, hash, ${ENTRY_COLUMNS}
     from chain left join entries on id = entry_id where position > $1 order by position limit $2`,
    [after, limit],
  );
  return rows.map(({ position, entry_id: entryId, entry_hash: entryHash, hash, ...entry }) => ({
    position: Number(position),
    entryId,
    entryHash,
    hash,
    entry: entry.id === null ? null : (entry as EntryRow),
  }));
};

/** The links of these entries by entry, each with the hash before it; entries that wait for it have none. */
export const readLinksOf = async (
  db: Plannable,
  ids: readonly string[],
): Promise<Map<string, { position: number; previous: Buffer | null; hash: Buffer }>> => {
  const rows = await db.planned<{ id: string; position: string; previous: Buffer | null; hash: Buffer }>(
    `select c.entry_id as id, c.position, c.hash, p.hash as previous
     from chain c left join chain p on p.position = c.position - 1 where c.entry_id = any($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, position, ...hashes }) => [id, { position: Number(position), ...hashes }]));
};

/** The newest checkpoint; null where there is none. */
export const lastCheckpoint = async (db: Plannable): Promise<Checkpoint | null> => {
  const [row] = await db.planned<CheckpointRow>(
    'select position, hash, at, key, signature from checkpoints order by position desc limit 1',
  );
  return row ? { ...row, position: Number(row.position) } : null;
};

const SHOWN_MAX = 100;

/** Ids of entries that are neither in the chain nor waiting for it. */
export const strayEntries = async (db: Queryable): Promise<string[]> => {
  const rows = await db.query<{ id: string }>(
    `select id from entries e where not exists (select from chain where entry_id = e.id)
       and not exists (select from unsealed where entry_id = e.id) order by id limit ${SHOWN_MAX}`,
  );
  return rows.map(({ id }) => id);
};

/** Ids of events that were handled, as the inbox knows for some days, and have no entry. */
export const lostEvents = async (db: Queryable): Promise<string[]> => {
  const rows = await db.query<{ id: string }>(
    `select id from inbox i where not exists (select from entries where id = i.id)
     order by id limit ${SHOWN_MAX}`,
  );
  return rows.map(({ id }) => id);
};

/** Ids of entries that a search for one of their people does not find. */
export const hiddenEntries = async (db: Queryable): Promise<string[]> => {
  const rows = await db.query<{ id: string }>(
    `select distinct e.id from entries e, unnest(e.people) as person
     where not exists (select from entry_people p where p.person_id = person and p.entry_id = e.id)
     order by e.id limit ${SHOWN_MAX}`,
  );
  return rows.map(({ id }) => id);
};

export const countUnsealed = async (db: Queryable): Promise<number> => {
  const [row] = await db.query<{ count: number }>('select count(*)::int as count from unsealed');
  return row?.count ?? 0;
};
