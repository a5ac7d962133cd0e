import type { Kind } from './channels.ts';

/** One of our events that POC-2 is to be sent. */
export type Waiting = {
  seq: number;
  id: string;
  kind: Kind;
  entity: string;
  version: number | null;
  messages: readonly { channel: string; text: string }[];
  arrivedAtMs: number;
  /** The version that was sent last about the entity; null where none is known. */
  sent: number | null;
};

/** How long a message waits for the one before it, which the bus may deliver later. */
export const HOLD_MS = 5_000;

/**
 * Divides what waits: versions of an entity are sent one after the other. One that follows a gap is held
 * until the gap is closed or the time over; one that comes after a newer version is late, and not sent.
 * @param waiting all that waits about these entities, in the order of arrival
 */
export const divide = (waiting: readonly Waiting[], nowMs: number) => {
  const sent: Waiting[] = [];
  const late: Waiting[] = [];
  const held: Waiting[] = [];
  const last = new Map<string, number>();
  const inOrder = waiting.toSorted((a, b) => (a.version ?? 0) - (b.version ?? 0));
  for (const one of inOrder) {
    const { entity, version, arrivedAtMs } = one;
    if (version === null) {
      sent.push(one);
      continue;
    }
    const before = last.get(entity) ?? one.sent ?? 0;
    const isHeld = version > before + 1 && nowMs < arrivedAtMs + HOLD_MS;
    if (version <= before) late.push(one);
    else if (isHeld) held.push(one);
    else {
      sent.push(one);
      last.set(entity, version);
    }
  }
  const bySeq = (a: Waiting, b: Waiting) => a.seq - b.seq;
  return { sent: inTurn(sent), late: late.sort(bySeq), held };
};

/** Keeps the places that the bus gave, and puts the versions of each entity in order within theirs. */
const inTurn = (sent: readonly Waiting[]): Waiting[] => {
  const byEntity = Map.groupBy(sent, ({ entity }) => entity);
  const places = sent.toSorted((a, b) => a.seq - b.seq).map(({ entity }) => entity);
  return places.map((entity) => byEntity.get(entity)?.shift() as Waiting);
};
