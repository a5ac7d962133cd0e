import { makeQueue, type Queue } from '../passwords/queue.ts';

/** Runs work that has the same key a few at a time; see `makeQueue` for what finds its line full. */
export type Lines = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Queues by key, each there as long as somebody is in it. */
export const makeLines = (atOnce: number, waitingMax: number): Lines => {
  const lines = new Map<string, { queue: Queue; inside: number }>();
  return async (key, work) => {
    const line = lines.get(key) ?? { queue: makeQueue(atOnce, waitingMax), inside: 0 };
    lines.set(key, line);
    line.inside += 1;
    try {
      return await line.queue(work);
    } finally {
      line.inside -= 1;
      if (line.inside === 0) lines.delete(key);
    }
  };
};
