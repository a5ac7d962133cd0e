import type { SourceTable } from '../mapping/table-mapping.ts';
import { OLD_IDS } from '../mapping/ids.ts';
import { readField } from '../copy/lines.ts';
import { loadChunk, mappingOf, replaceChunk, wipe, type Applying, type TablePlan } from './apply.ts';
import { prepareUsers, putUsers, removeUsers } from './apply-users.ts';
import { nameRows, nobodyNamed, takeEntries, takeOfUsers, type Named } from './dependents.ts';
import { chunksOf, takeWhole, type Taken } from './take.ts';

/** The new ids that payments had, by old ones. */
const idsBefore = (plans: readonly TablePlan[]): Map<string, string> => {
  const ids = new Map<string, string>();
  for (const { target, found } of plans)
    if (target.table === OLD_IDS.table)
      for (const line of found.values()) {
        const [old, id] = line.split('\t').map(readField);
        ids.set(old ?? '', id ?? '');
      }
  return ids;
};

const replaceTable = async (
  applying: Applying,
  taken: Taken,
  table: SourceTable,
  named: Named,
): Promise<void> => {
  const mapping = mappingOf(applying, table);
  if (!mapping) return;
  for (const ids of chunksOf(taken.ids[table])) {
    const chunk = await loadChunk(applying, mapping, ids);
    const plans = await replaceChunk(applying, mapping, chunk);
    if (table === 'payments') nameRows(named, table, chunk, taken, idsBefore(plans));
  }
};

/**
 * Makes the targets' rows equal to what the mapping makes of the source now, for all rows that are taken and
 * those that depend on them. Within a transaction of each target.
 * @param isForced whether what depends on users is taken although they seem to be unchanged
 */
export const applyTaken = async (applying: Applying, taken: Taken, isForced: boolean): Promise<void> => {
  const { mappings, source } = applying;
  for (const mapping of mappings.toReversed())
    if (taken.all.has(mapping.table)) await wipe(applying, mapping);
  await takeWhole(taken, source.client);
  const named = nobodyNamed();
  const users = mappingOf(applying, 'users');
  if (!users) throw new Error('users are not mapped');
  const before = await prepareUsers(applying, users, taken.ids.users);
  if (isForced) for (const id of taken.wide.users) before.moved.add(id);
  await takeOfUsers(applying, taken, before);
  await putUsers(applying, users, taken.ids.users, (chunk) =>
    nameRows(named, 'users', chunk, taken, before.newIds),
  );
  for (const table of ['user_profiles', 'refresh_tokens', 'system_config', 'payments'] as const)
    await replaceTable(applying, taken, table, named);
  if (!taken.all.has('audit_logs')) await takeEntries(applying, taken, named);
  await replaceTable(applying, taken, 'audit_logs', named);
  await removeUsers(applying, before);
};
