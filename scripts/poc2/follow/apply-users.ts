import { escapeIdentifier } from 'pg';
import { OLD_IDS } from '../mapping/ids.ts';
import { databasesOf, type AnyMapping } from '../copy/copy-table.ts';
import { readField, type Shape } from '../copy/lines.ts';
import { targetOf, type TargetTable } from '../copy/targets.ts';
import {
  loadChunk,
  plansFor,
  putInto,
  recordChunk,
  removeFrom,
  type Applying,
  type Chunk,
  type TablePlan,
} from './apply.ts';
import { chunksOf } from './take.ts';

/** Users as they were before and are now. */
export type UsersBefore = {
  /** Those whose new id has changed, or who are mapped and were not, or the reverse. */
  moved: Set<string>;
  /** The new ids of users, by old id. */
  newIds: Map<string, string>;
  /** Rows that go when nothing refers to them any more, in the order in which tables are filled. */
  leaving: Map<string, { target: TargetTable; shape: Shape; keys: string[] }>;
};

/** Addresses are unique: who gives one up does so before another one gets it. */
const GIVEN_UP = `'poc2-follow:' || id`;

const emailAt = ({ columns }: Shape): number => columns.findIndex(({ name }) => name === 'email');

const giveUpEmails = async (applying: Applying, { target, shape, plan, found }: TablePlan): Promise<void> => {
  const at = emailAt(shape);
  if (at < 0) return;
  const email = (line: string | undefined) => line?.split('\t')[at];
  const changed = plan.changed
    .map((line) => ({ line, key: line.split('\t')[0] ?? '' }))
    .filter(({ line, key }) => email(line) !== email(found.get(key)))
    .map(({ key }) => key);
  const ids = [...plan.deleted, ...changed].map(readField);
  if (ids.length > 0)
    await targetOf(applying.targets, target.database).client.query(
      `update ${escapeIdentifier(target.table)} set email = ${GIVEN_UP} where id = any($1)`,
      [ids],
    );
};

const idsIn = (lines: Iterable<string>): Map<string, string> =>
  new Map(
    [...lines].map((line) => {
      const [old, id] = line.split('\t').map(readField);
      return [old ?? '', id ?? ''];
    }),
  );

const noteIds = ({ target, plan, found }: TablePlan, ids: readonly string[], before: UsersBefore): void => {
  if (target.table !== OLD_IDS.table) return;
  const was = idsIn(found.values());
  const put = idsIn([...plan.added, ...plan.changed]);
  const gone = new Set(plan.deleted.map(readField));
  for (const id of ids) {
    const [old, now] = [was.get(id), gone.has(id) ? undefined : (put.get(id) ?? was.get(id))];
    if (old !== undefined) before.newIds.set(id, old);
    if (old !== now) before.moved.add(id);
  }
};

const leave = ({ target, shape, plan }: TablePlan, { leaving }: UsersBefore): void => {
  const key = `${target.database}.${target.table}`;
  const keys = leaving.get(key)?.keys ?? [];
  keys.push(...plan.deleted);
  leaving.set(key, { target, shape, keys });
};

/** Prepares the users' rows, so that those who come or change find their addresses free. */
export const prepareUsers = async (
  applying: Applying,
  mapping: AnyMapping,
  ids: Iterable<string>,
): Promise<UsersBefore> => {
  const before: UsersBefore = { moved: new Set(), newIds: new Map(), leaving: new Map() };
  for (const part of chunksOf(ids)) {
    const chunk = await loadChunk(applying, mapping, part);
    for (const database of databasesOf(mapping))
      for (const one of await plansFor(applying, mapping, chunk, database)) {
        noteIds(one, part, before);
        leave(one, before);
        await giveUpEmails(applying, one);
      }
  }
  return before;
};

/** Adds and changes the users' rows. @param visit sees each chunk */
export const putUsers = async (
  applying: Applying,
  mapping: AnyMapping,
  ids: Iterable<string>,
  visit: (chunk: Chunk) => void,
): Promise<void> => {
  for (const part of chunksOf(ids)) {
    const chunk = await loadChunk(applying, mapping, part);
    visit(chunk);
    for (const database of databasesOf(mapping))
      for (const one of await plansFor(applying, mapping, chunk, database)) await putInto(applying, one);
    await recordChunk(applying, mapping, chunk);
  }
};

/** Deletes the rows of users who are no more. */
export const removeUsers = async (applying: Applying, { leaving }: UsersBefore): Promise<void> => {
  for (const one of [...leaving.values()].toReversed()) await removeFrom(applying, one, one.keys);
};
