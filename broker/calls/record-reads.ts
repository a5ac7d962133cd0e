import { isRecordedRead, type administratorRead } from '../../shared/contracts/administrator-reads.ts';
import type { Action, Contract } from '../../shared/contracts/contract.ts';
import { withoutSecrets } from '../../shared/contracts/without-secrets.ts';
import type { Outbox } from '../events/outbox.ts';
import type { Database } from '../postgres/database.ts';
import type { Clock } from '../process/clock.ts';
import type { Envelope } from './envelope.ts';

/** The same read by the same session is recorded once in this time: pages of a list, a page read again. */
const ONCE_MS = 60_000;
const KNOWN_MAX = 1_000;

/**
 * Records a read if an administrator asked, unless it is recorded already, as part of the running request.
 * Resolves once that is stored.
 * @throws AppError `unavailable` when it cannot be stored
 */
export type RecordRead = (params: Readonly<Record<string, unknown>>, asked: Envelope) => Promise<void>;

type Stored = { atMs: number; done: Promise<void> };

/** How to record an administrator's reads by this action; null where they are not recorded. */
export const recordOf = (
  contract: Contract,
  action: Action,
  { db, outbox, clock }: { db: Database; outbox: Outbox; clock: Clock },
): RecordRead | null => {
  const event = contract.events['administratorRead'] as
    (typeof administratorRead & { name: string }) | undefined;
  if (!event || !isRecordedRead(action)) return null;
  const known = new Map<string, Stored>();

  const store = (payload: { id: string | null; query: Record<string, unknown> }): Promise<void> =>
    db.transaction((tx) => outbox.add(tx, event, { ...payload, action: action.name, at: clock.iso() }));

  return async ({ cursor: _cursor, limit: _limit, pageNumber: _number, id, ...query }, asked) => {
    const { caller } = asked;
    if (caller?.role !== 'ADMIN') return;
    const read = { id: typeof id === 'string' ? id : null, query: withoutSecrets(query) as typeof query };
    const key = JSON.stringify([caller.sessionId, read]);
    const former = known.get(key);
    if (former && clock.nowMs() - former.atMs < ONCE_MS) return former.done;
    const done = store(read);
    known.delete(key);
    known.set(key, { atMs: clock.nowMs(), done });
    const [oldest] = known.keys();
    if (known.size > KNOWN_MAX && oldest !== undefined) known.delete(oldest);
    try {
      await done;
    } catch (error) {
      known.delete(key);
      throw error;
    }
  };
};
