import { itemsOf } from '../../../broker/postgres/items.ts';
import { offsetOf, totalOf } from '../../../broker/postgres/numbered-pages.ts';
import type { AdminAction } from '../admin.ts';
import { toEntry } from '../persistence/entries.ts';
import { countEntries, listEntries } from '../persistence/list-entries.ts';

export const auditPage: AdminAction<'auditPage'> = ({ state }, { params }) => {
  const { pageNumber, limit, ...filters } = params;
  return state.reads(async (tx) => {
    const { rows, nextCursor } = await listEntries(tx, filters, { limit }, offsetOf(params));
    const shown = { found: rows.length, isLast: nextCursor === null };
    const total = await totalOf({ pageNumber, limit }, shown, (max) => countEntries(tx, filters, max));
    return { items: itemsOf(rows, toEntry), ...total };
  });
};
