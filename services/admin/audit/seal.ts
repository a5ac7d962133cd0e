import { worker, type Worker } from '../../../broker/process/worker.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { EventId } from '../../../shared/contracts/ids.ts';
import type { AdminService } from '../admin.ts';
import { insertCheckpoint, insertLinks, lastLink, lockChain, takeUnsealed } from '../persistence/chain.ts';
import type { Link } from '../persistence/chain.ts';
import { entryHashOf, GENESIS, linkHashOf } from './chain.ts';

const BATCH = 500;
/** Not woken by each entry: so there is at most one checkpoint in this time, unless entries are many. */
const EVERY_MS = 1_000;

/**
 * Appends entries to the chain and signs its new end, in one transaction, by one process at a time.
 * @returns how many, and the newest of them
 */
const sealBatch = ({ db, clock, state }: AdminService) =>
  db.transaction(async (tx): Promise<{ count: number; newest?: EventId }> => {
    if (!(await lockChain(tx))) return { count: 0 };
    const entries = await takeUnsealed(tx, BATCH);
    if (entries.length === 0) return { count: 0 };
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
    return { count: entries.length, newest: entries.at(-1)?.id as EventId };
  });

/** For open pages. One that misses it shows the entries when it reads again. */
const signalPages = async ({ sendSignal, log }: AdminService, newest: EventId): Promise<void> => {
  try {
    await sendSignal(admin.signals.auditEntriesAdded, { newest });
  } catch (error) {
    log.warn({ err: error }, 'signal of new audit entries was not sent');
  }
};

/** @returns whether there may be more */
const sealAndSignal = async (service: AdminService): Promise<boolean> => {
  const { count, newest } = await sealBatch(service);
  const isMore = count === BATCH;
  if (newest && !isMore) await signalPages(service, newest);
  return isMore;
};

/** Seals entries as long as the process runs. */
export const startSealer = (service: AdminService): Worker =>
  worker({
    name: 'audit sealer',
    db: service.db,
    pollMs: EVERY_MS,
    log: service.log,
    run: () => sealAndSignal(service),
  });
