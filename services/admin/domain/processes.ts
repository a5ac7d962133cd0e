import type { ProcessState } from '../../../shared/contracts/admin/system.ts';

/** One question without an answer may be a pause of the process that asks or is asked. */
const UNANSWERED_MAX = 1;

/** What was seen of a process: whether it answered, or that its connection has ended. */
export type Sight = 'answered' | 'unanswered' | 'died' | 'stopped';

/** What is remembered of a process. */
export type Seen = { state: ProcessState; sinceMs: number; unanswered: number };

/** The state of a process that was just seen; `before` is null for a new one. */
export const afterSight = (before: Seen | null, sight: Sight, nowMs: number): Seen => {
  const unanswered = sight === 'unanswered' ? (before?.unanswered ?? 0) + 1 : 0;
  const isGone = sight === 'died' || sight === 'stopped';
  const state = isGone
    ? sight
    : unanswered > UNANSWERED_MAX
      ? 'silent'
      : sight === 'answered'
        ? 'up'
        : (before?.state ?? 'up');
  const sinceMs = before?.state === state ? before.sinceMs : nowMs;
  return { state, sinceMs, unanswered };
};

/** `payments-1-0f3a9c` is replica 1 of payments: the place in which a restarted process takes another's. */
export const placeOf = (nodeId: string): { name: string; replica: string } => {
  const [, name = nodeId, replica = '1'] = /^(.+)-(\d+)-[0-9a-f]+$/.exec(nodeId) ?? [];
  return { name, replica };
};

type Placed = { id: string; state: ProcessState };

const isThere = ({ state }: Placed): boolean => state === 'up' || state === 'silent';

/** The processes without those that are gone and whose place another one has taken. */
export const withoutReplaced = <P extends Placed>(processes: readonly P[]): P[] => {
  const place = ({ id }: P) => JSON.stringify(placeOf(id));
  const taken = new Set(processes.filter(isThere).map(place));
  const newest = new Map<string, P>();
  for (const process of processes) if (!isThere(process)) newest.set(place(process), process);
  return processes.filter(
    (process) => isThere(process) || (!taken.has(place(process)) && newest.get(place(process)) === process),
  );
};
