import { setTimeout as sleep } from 'node:timers/promises';
import { openConnections, type Connection, type Request } from './load.ts';

/**
 * Requests at a steady rate, whether or not earlier ones were answered. A latency counts from the time that
 * the request was due, so that a slow server cannot hide waiting time.
 */
export type Steady = Request & {
  ports: readonly number[];
  /** As in a job. */
  authority?: string;
  ratePerS: number;
  durationMs: number;
  /** The maximum of concurrent requests. */
  connections: number;
  /** The pause before the one retry, with the same key, of a request with an unexpected status. */
  retryAfterMs?: number;
};

/** The outcome of one request; times are milliseconds since the epoch. */
export type Sample = {
  dueAtMs: number;
  sentAtMs: number;
  endAtMs: number;
  /** The statuses of the first and the last try; 0 for a lost connection. */
  firstStatus: number;
  status: number;
};

const nowMs = (): number => performance.timeOrigin + performance.now();

const statusOf = (connection: Connection, request: Request, index: number): Promise<number> =>
  connection.request(request, index).then(
    ({ status }) => status,
    () => 0,
  );

const sendOne = async (
  connection: Connection,
  steady: Steady,
  index: number,
  dueAtMs: number,
): Promise<Sample> => {
  const sentAtMs = nowMs();
  const firstStatus = await statusOf(connection, steady, index);
  const { expect, retryAfterMs } = steady;
  let status = firstStatus;
  if (status !== expect && retryAfterMs !== undefined) {
    await sleep(retryAfterMs);
    status = await statusOf(connection, steady, index);
  }
  return { dueAtMs, sentAtMs, endAtMs: nowMs(), firstStatus, status };
};

/** Sends from this process until the time is over. @returns all samples, by the time that they were due */
export const sendSteadily = async (steady: Steady): Promise<Sample[]> => {
  const connections = await openConnections(steady.ports, steady.connections, steady.authority);
  const samples: Sample[] = [];
  const startMs = nowMs();
  const count = Math.round((steady.ratePerS * steady.durationMs) / 1_000);
  let next = 0;
  const drive = async (connection: Connection): Promise<void> => {
    while (next < count) {
      const index = next++;
      const dueAtMs = startMs + (index * 1_000) / steady.ratePerS;
      const earlyMs = dueAtMs - nowMs();
      if (earlyMs > 0) await sleep(earlyMs);
      samples.push(await sendOne(connection, steady, index, dueAtMs));
    }
  };
  await Promise.all(connections.map(drive)).finally(() =>
    connections.forEach((connection) => connection.close()),
  );
  return samples.sort((a, b) => a.dueAtMs - b.dueAtMs);
};

/** Milliseconds from the time that each request was due to its response. */
export const latenciesOf = (samples: readonly Sample[]): number[] =>
  samples.map(({ dueAtMs, endAtMs }) => endAtMs - dueAtMs);

/** @throws Error unless every request got the expected status */
export const checkAll = (samples: readonly Sample[], expected: number): void => {
  const wrong = samples.filter(({ status }) => status !== expected);
  if (wrong.length === 0) return;
  const statuses = [...new Set(wrong.map(({ status }) => status))].join(', ');
  throw new Error(`${wrong.length} of ${samples.length} requests failed: ${statuses}`);
};
