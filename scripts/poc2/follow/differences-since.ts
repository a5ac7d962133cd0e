import { readRun } from '../copy/records.ts';
import { readShapes } from '../copy/shapes.ts';
import { applyTaken } from './apply-all.ts';
import type { Applying } from './apply.ts';
import { readChanges } from './changes.ts';
import { filledIn, type FollowRequest } from './follow-once.ts';
import { take } from './take.ts';

/**
 * Compares what comes of the rows that have changed since a snapshot of the source with what is there:
 * applies them once more, and rolls back.
 * @returns how many rows this would have added, changed or deleted, and which of those rows are refused
 */
export const differencesSince = async (
  { source, targets, mappings }: FollowRequest,
  since: string,
): Promise<{ rows: number; refused: readonly string[] }> => {
  const [first] = targets;
  const run = first && (await readRun(first.client));
  if (!run) throw new Error('nothing was copied');
  const { rows: changes } = await readChanges(source.client, [since]);
  const applying: Applying = {
    ...{ source, targets, mappings },
    context: {
      ...run,
      equalEmails: new Set(run.equalEmails),
      sharedIntents: new Set(run.sharedIntents),
    },
    shapes: await readShapes(targets, mappings),
    filled: await filledIn(targets),
    ...{ waiting: new Map(), limits: new Map(), gained: new Map() },
    ...{ written: 0, refused: [] },
  };
  for (const { client } of targets) await client.query('begin; set constraints all immediate');
  try {
    await applyTaken(applying, take(changes), false);
    return { rows: applying.written, refused: run.leavesOut ? [] : applying.refused };
  } finally {
    for (const { client } of targets) await client.query('rollback');
  }
};
