import { worker, type Worker } from '../../../broker/process/worker.ts';
import type { AdminService } from '../admin.ts';
import { insertCheckpoint, insertLinks, lastLink, lockChain, takeUnsealed } from '../persistence/chain.ts';
import type { Link } from '../persistence/chain.ts';
import { entryHashOf, GENESIS, linkHashOf } from './chain.ts';

const BATCH = 500;
/** Not woken by each entry: so there is at most one checkpoint in this time, unless entries are many. */
const EVERY_MS = 1_000;

/**
 * Appends entries to the chain and signs its new end, in one transaction, by one process at a time.
 * @returns whether there may be more
 */
const sealBatch = ({ db, clock, state }: Pick<AdminService, 'db' | 'clock' | 'state'>) =>
  db.transaction(async (tx): Promise<boolean> => {
    if (!(await lockChain(tx))) return false;
    const entries = await takeUnsealed(tx, BATCH);
    if (entries.length === 0) return false;
    let end = (await lastLink(tx)) ?? { position: 0, hash: GENESIS };
    const links = entries.map((entry): Link => {
      const entryHash = entryHashOf(entry);
      const position = end.position + 1;
      end = { position, hash: linkHashOf(end.hash, position, entryHash) };
      return { ...end, entryId: entry.id, entryHash };
    });
    await insertLinks(tx, links);
    const sealed = { ...end, at: clock.now() };
    const { publicKey: key, sign } = state.checkpointKey;
    await insertCheckpoint(tx, { ...sealed, key, signature: sign(sealed) });
    return entries.length === BATCH;
  });

/** Seals entries as long as the process runs. */
export const startSealer = (service: AdminService): Worker =>
  worker({
    name: 'audit sealer',
    db: service.db,
    pollMs: EVERY_MS,
    log: service.log,
    run: () => sealBatch(service),
  });
