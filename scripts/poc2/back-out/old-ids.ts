import { deletedUserId } from '../mapping/deleted-user.ts';
import { uuidIn } from '../mapping/ids.ts';
import type { TargetDatabase } from '../mapping/table-mapping.ts';
import { targetOf, type Target } from '../copy/targets.ts';

/** POC-2's id of something; null for the closed account that stands for recipients that were deleted. */
export type OldIds = (id: string) => string | null;

/** Old ids are looked up by new ones. */
export const indexOldIds = async (targets: readonly Target[]): Promise<void> => {
  for (const { database, client } of targets)
    if (database === 'auth' || database === 'payments')
      await client.query('create index if not exists poc2_ids_new_id on poc2_ids (new_id)');
};

const HOMES: readonly [prefix: string, database: TargetDatabase][] = [
  ['usr_', 'auth'],
  ['pay_', 'payments'],
];

/** The old ids of these; what was made in Payloom has its own UUID as old id. */
export const readOldIds = async (targets: readonly Target[], ids: Iterable<string>): Promise<OldIds> => {
  const wanted = [...new Set(ids)];
  const known = new Map<string, string | null>([[deletedUserId(), null]]);
  for (const [prefix, database] of HOMES) {
    const some = wanted.filter((id) => id.startsWith(prefix));
    if (some.length === 0) continue;
    const { rows } = await targetOf(targets, database).client.query<{ new_id: string; old_id: string }>(
      'select new_id, old_id from poc2_ids where new_id = any($1)',
      [some],
    );
    for (const { new_id: id, old_id: oldId } of rows) known.set(id, oldId);
  }
  return (id) => {
    const found = known.get(id);
    return found === undefined ? uuidIn(id) : found;
  };
};
