import type { Queryable } from '../../../broker/postgres/database.ts';
import {
  countUnsealed,
  hiddenEntries,
  lastPosition,
  lostEvents,
  readCheckpoints,
  readLinks,
  strayEntries,
  type Checkpoint,
  type LinkedEntry,
} from '../persistence/chain.ts';
import { entryHashOf, GENESIS, linkHashOf } from './chain.ts';
import { isSignedBy } from './checkpoint-key.ts';

const BATCH = 2_000;

export type Verified = {
  /** A sentence for each thing that is wrong, with positions and ids. */
  problems: string[];
  /** Positions that were read. */
  positions: number;
  checkpoints: number;
  /** Entries that are not sealed yet. */
  unsealed: number;
  /** The last checkpoint. */
  end: Checkpoint | null;
};

/** What is known of the chain up to a position. */
type Progress = { position: number; hash: Buffer; signedUpTo: number };

const checkEntry = ({ position, entryId, entryHash, entry }: LinkedEntry): string | null => {
  if (!entry) return `position ${position}: the entry ${entryId} was removed`;
  return entryHashOf(entry).equals(entryHash)
    ? null
    : `position ${position}: the entry ${entryId} was changed, or is not the one that was sealed here`;
};

/** Checks the links of one batch and their entries, and moves `progress` to its end. */
const checkLinks = (links: readonly LinkedEntry[], progress: Progress): string[] =>
  links.flatMap((link) => {
    const { position, entryHash, hash } = link;
    const found: string[] = [];
    const next = progress.position + 1;
    if (position !== next)
      found.push(
        `positions ${next} to ${position - 1} were removed from the chain, with their entries' hashes`,
      );
    else if (!linkHashOf(progress.hash, position, entryHash).equals(hash))
      found.push(`position ${position}: the link was changed, or is in another place`);
    const entry = checkEntry(link);
    if (entry) found.push(entry);
    Object.assign(progress, { position, hash });
    return found;
  });

/** Checks the checkpoints of one batch. What lies between two of them is named when the second is wrong. */
const checkCheckpoints = (
  checkpoints: readonly Checkpoint[],
  hashes: ReadonlyMap<number, Buffer>,
  trusted: readonly string[],
  progress: Progress,
): string[] =>
  checkpoints.flatMap((one) => {
    const { position, hash, key, signature } = one;
    const range = `positions ${progress.signedUpTo + 1} to ${position}`;
    progress.signedUpTo = position;
    if (!trusted.includes(key))
      return [`the checkpoint at ${position} is signed with an unknown key, ${key}`];
    if (!isSignedBy(key, one, signature))
      return [`the checkpoint at ${position} was changed: ${range} are unsure`];
    const linked = hashes.get(position);
    if (!linked) return [`the chain has no position ${position}, which a checkpoint has signed`];
    return linked.equals(hash)
      ? []
      : [`the chain was rewritten within ${range}: a checkpoint signed another`];
  });

const otherProblems = async (db: Queryable): Promise<string[]> => [
  ...(await strayEntries(db)).map(
    (id) => `the entry ${id} was inserted past the chain, or its link was removed`,
  ),
  ...(await lostEvents(db)).map((id) => `the event ${id} was handled, and its entry was removed`),
  ...(await hiddenEntries(db)).map((id) => `the entry ${id} is hidden from searches for its people`),
];

/**
 * Reads the whole audit log and compares entries, chain and signed checkpoints. Works while the service runs.
 * @param trusted public keys of the service, the present one and former ones
 * @param known a state of the chain that was noted elsewhere
 */
export const verifyDatabase = async (
  db: Queryable,
  trusted: readonly string[],
  known: { position: number; hash: string } | null = null,
): Promise<Verified> => {
  const last = await lastPosition(db);
  const progress: Progress = { position: 0, hash: GENESIS, signedUpTo: 0 };
  const problems: string[] = [];
  let checkpoints = 0;
  let knownHash: string | null = null;
  let end: Checkpoint | null = null;
  for (let from = 0; from < last;) {
    const links = await readLinks(db, from, BATCH);
    // Behind the end of the chain there may be checkpoints still.
    const upTo = links.length < BATCH ? last : (links.at(-1)?.position ?? last);
    problems.push(
      ...checkLinks(
        links.filter(({ position }) => position <= last),
        progress,
      ),
    );
    const signed = await readCheckpoints(db, from, upTo);
    const hashes = new Map(links.map(({ position, hash }) => [position, hash]));
    if (known && known.position > from && known.position <= upTo)
      knownHash = hashes.get(known.position)?.toString('hex') ?? null;
    problems.push(...checkCheckpoints(signed, hashes, trusted, progress));
    checkpoints += signed.length;
    end = signed.at(-1) ?? end;
    from = upTo;
  }
  if (progress.position > progress.signedUpTo)
    problems.push(`positions ${progress.signedUpTo + 1} to ${progress.position} have no checkpoint`);
  if (known && knownHash !== known.hash)
    problems.push(
      `the chain is not the one of the known checkpoint at ${known.position}: it was cut or rewritten`,
    );
  problems.push(...(await otherProblems(db)));
  return { problems, positions: last, checkpoints, unsealed: await countUnsealed(db), end };
};
