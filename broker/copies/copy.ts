import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { escapeIdentifier } from 'pg';
import type { Action, ParamsOf, ResultOf } from '../../shared/contracts/contract.ts';
import type { Queryable, Transaction } from '../postgres/database.ts';

/** A row of the source or of its copy; `version` grows with each change at the source. */
export type CopiedRow = { id: string; version: number } & Readonly<Record<string, unknown>>;

/** Rows of the source by id: the next ones after an id, or certain ones. */
export type SourceParams = { after?: string; limit?: number } | { ids: string[] };
/** An action of the owner that reads what others keep copies of: `{ items }`, at most 1,000 and by id. */
type SourceAction = Action;

/** A table with rows of another service, fed by its events. */
export type Copy = {
  /** The owner's action. */
  source: SourceAction;
  table: string;
  /** What is copied, beside `id` and `version`; the same names in the source and in the table. */
  columns: readonly string[];
  /** Saves a row of the source unless the stored version is newer or the same. */
  save: (tx: Transaction, row: never) => Promise<void>;
};

/** Reads the source; in a service, its action. */
export type ReadSource = (params: SourceParams) => Promise<{ items: CopiedRow[] }>;

/**
 * `missing`: not in the copy. `stale`: an older version. `different`: other values under the same version.
 * `ahead`: a newer version than the source has. `unknown`: not in the source.
 */
type DifferenceKind = 'missing' | 'stale' | 'different' | 'ahead' | 'unknown';
export type Difference = { id: string; kind: DifferenceKind };

const PAGE = 1_000;

/** A service's call of the source, for `compareCopy`. */
export const sourceOf =
  (
    { source }: Copy,
    call: <A extends Action>(action: A, params: ParamsOf<A>) => Promise<ResultOf<A>>,
  ): ReadSource =>
  async (params) =>
    (await call(source, params)) as { items: CopiedRow[] };

const selectFrom = ({ table, columns }: Copy): string =>
  `select id, version, ${columns.map(escapeIdentifier).join(', ')} from ${escapeIdentifier(table)}`;

const kindOf = (
  { columns }: Copy,
  source: CopiedRow | undefined,
  own: CopiedRow | undefined,
): DifferenceKind | null => {
  if (!source) return own ? 'unknown' : null;
  if (!own) return 'missing';
  if (own.version !== source.version) return own.version < source.version ? 'stale' : 'ahead';
  return columns.some((column) => !isDeepStrictEqual(own[column], source[column])) ? 'different' : null;
};

const differencesOf = (
  copy: Copy,
  sources: readonly CopiedRow[],
  owns: readonly CopiedRow[],
): Difference[] => {
  const source = new Map(sources.map((row) => [row.id, row]));
  const own = new Map(owns.map((row) => [row.id, row]));
  return [...new Set([...source.keys(), ...own.keys()])].flatMap((id) => {
    const kind = kindOf(copy, source.get(id), own.get(id));
    return kind ? [{ id, kind }] : [];
  });
};

const compareAll = async (copy: Copy, db: Queryable, read: ReadSource): Promise<Difference[]> => {
  const found: Difference[] = [];
  for (let after = ''; ;) {
    const { items } = await read({ after, limit: PAGE });
    const last = items.length < PAGE ? null : (items.at(-1)?.id ?? null);
    const own = await db.query<CopiedRow>(
      `${selectFrom(copy)} where id > $1 and ($2::text is null or id <= $2)`,
      [after, last],
    );
    found.push(...differencesOf(copy, items, own));
    if (last === null) return found;
    after = last;
  }
};

/** Compares rows again by their ids. */
const compareSome = async (
  copy: Copy,
  db: Queryable,
  read: ReadSource,
  ids: readonly string[],
): Promise<Difference[]> => {
  const found: Difference[] = [];
  for (let start = 0; start < ids.length; start += PAGE) {
    const part = ids.slice(start, start + PAGE);
    const { items } = await read({ ids: part });
    const own = await db.query<CopiedRow>(`${selectFrom(copy)} where id = any($1)`, [part]);
    found.push(...differencesOf(copy, items, own));
  }
  return found;
};

export type CompareOptions = {
  /** Time between both looks. */
  settleMs?: number;
  signal?: AbortSignal;
};

/** Time for events that were on their way when a difference was seen. */
const SETTLE_MS = 10_000;

/**
 * Finds every row in which a copy differs from its source. Differences are looked at twice, because an event
 * may be on its way.
 * @throws AbortError when the signal is aborted between both looks
 */
export const compareCopy = async (
  copy: Copy,
  db: Queryable,
  read: ReadSource,
  { settleMs = SETTLE_MS, signal }: CompareOptions = {},
): Promise<Difference[]> => {
  const seen = await compareAll(copy, db, read);
  if (seen.length === 0) return [];
  await setTimeout(settleMs, undefined, { signal });
  return compareSome(
    copy,
    db,
    read,
    seen.map(({ id }) => id),
  );
};
