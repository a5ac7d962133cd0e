import { statusOf, AppError } from './errors.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import type { Queryable } from '../postgres/database.ts';

/**
 * Replaces an id of POC-2 in the params of a call by the id that its thing has now.
 * @throws AppError the action's own code of 404 when nothing had this id
 */
export type ReplaceOldId = (action: Action, params: unknown) => Promise<unknown>;

/** Ids of POC-2 are UUIDs with hyphens; ours have a prefix and no hyphen. */
export const OLD_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const notFound = ({ errors }: Action): AppError =>
  new AppError(errors.find((code) => statusOf(code) === 404) ?? 'not_found');

/**
 * How a service finds what it has by the id that it had in POC-2; null where nothing was copied from there.
 * `npm run poc2 -- copy` makes the table, while no service runs. Only the param `id` is replaced: that of the
 * one thing which a call is about.
 */
export const oldIdsOf = async (db: Queryable): Promise<ReplaceOldId | null> => {
  const [found] = await db.query<{ exists: boolean }>(`select to_regclass('poc2_ids') is not null as exists`);
  if (!found?.exists) return null;
  return async (action, params) => {
    const { id } = (params ?? {}) as { id?: unknown };
    if (typeof id !== 'string' || !OLD_ID.test(id)) return params;
    const [row] = await db.query<{ newId: string }>(
      'select new_id as "newId" from poc2_ids where old_id = $1',
      [id],
    );
    if (!row) throw notFound(action);
    return { ...(params as object), id: row.newId };
  };
};
