import { setTimeout as wait } from 'node:timers/promises';
import { openLanes, type Lane, type Request } from './load.ts';

/**
 * Requests at a steady rate, whether or not earlier ones were answered: who has to wait because the others
 * are slow has waited.
 */
export type Steady = Request & {
  ports: readonly number[];
  ratePerS: number;
  durationMs: number;
  /** How many may be under way at once. */
  connections: number;
  /** Sends what was not answered as expected once more, with the same key, after this pause. */
  retryAfterMs?: number;
};

/** What became of one request; times are milliseconds since the epoch. */
export type Sample = {
  dueAtMs: number;
  endAtMs: number;
  /** Of the first try and of the last; 0 where the connection was lost. */
  firstStatus: number;
  status: number;
};

const nowMs = (): number => performance.timeOrigin + performance.now();

const statusOf = (lane: Lane, request: Request, index: number): Promise<number> =>
  lane.ask(request, index).then(
    ({ status }) => status,
    () => 0,
  );

const sendOne = async (lane: Lane, steady: Steady, index: number, dueAtMs: number): Promise<Sample> => {
  const firstStatus = await statusOf(lane, steady, index);
  const { expect, retryAfterMs } = steady;
  let status = firstStatus;
  if (status !== expect && retryAfterMs !== undefined) {
    await wait(retryAfterMs);
    status = await statusOf(lane, steady, index);
  }
  return { dueAtMs, endAtMs: nowMs(), firstStatus, status };
};

/** Sends from this process until the time is over or `signal` says so; resolves with every answer. */
export const sendSteadily = async (steady: Steady, signal?: AbortSignal): Promise<Sample[]> => {
  const lanes = await openLanes(steady.ports, steady.connections);
  const samples: Sample[] = [];
  const startMs = nowMs();
  const count = Math.round((steady.ratePerS * steady.durationMs) / 1_000);
  let next = 0;
  const drive = async (lane: Lane): Promise<void> => {
    while (next < count && !signal?.aborted) {
      const index = next++;
      const dueAtMs = startMs + (index * 1_000) / steady.ratePerS;
      const earlyMs = dueAtMs - nowMs();
      if (earlyMs > 0) await wait(earlyMs);
      if (signal?.aborted) return;
      samples.push(await sendOne(lane, steady, index, dueAtMs));
    }
  };
  await Promise.all(lanes.map(drive)).finally(() => lanes.forEach((lane) => lane.close()));
  return samples.sort((a, b) => a.dueAtMs - b.dueAtMs);
};

/** How long each request took from the time that it was due. */
export const latenciesOf = (samples: readonly Sample[]): number[] =>
  samples.map(({ dueAtMs, endAtMs }) => endAtMs - dueAtMs);

/** @throws Error unless every request was answered as expected */
export const checkAll = (samples: readonly Sample[], expected: number): void => {
  const wrong = samples.filter(({ status }) => status !== expected);
  if (wrong.length === 0) return;
  const statuses = [...new Set(wrong.map(({ status }) => status))].join(', ');
  throw new Error(`${wrong.length} of ${samples.length} requests failed: ${statuses}`);
};
