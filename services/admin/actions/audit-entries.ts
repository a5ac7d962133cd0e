import { itemsOf } from '../../../broker/postgres/items.ts';
import type { AdminAction } from '../admin.ts';
import { toEntry } from '../persistence/entries.ts';
import { listEntries } from '../persistence/list-entries.ts';

export const auditEntries: AdminAction<'auditEntries'> = async ({ state }, call) => {
  const { limit, cursor, ...filters } = call.params;
  const { rows, nextCursor } = await state.reads((tx) => listEntries(tx, filters, { limit, cursor }));
  return { items: itemsOf(rows, toEntry), nextCursor };
};
