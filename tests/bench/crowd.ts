import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { endWithBenches } from './instances.ts';

/** Opens `count` more sockets, with these tokens in turn, at these gateways in turn. */
export type Open = {
  kind: 'open';
  urls: readonly string[];
  origin: string;
  accessTokens: readonly string[];
  count: number;
  perSecond: number;
  /** Keeps the received messages. */
  records: boolean;
};
export type Order = Open | { kind: 'take' };

/** A message and its time of arrival in milliseconds since the epoch; `socket` counts from 0. */
export type Received = { atMs: number; name: string; payload: unknown; socket: number };
export type Report =
  | { kind: 'open' }
  | { kind: 'failed'; message: string }
  | { kind: 'received'; received: Received[]; lost: number };

/** A process with open sockets. */
export type Crowd = {
  open(what: Omit<Open, 'kind'>): Promise<void>;
  /** The messages since the last call, and the number of sockets lost since the start. */
  take(): Promise<{ received: Received[]; lost: number }>;
  end(): void;
};

const answerOf = (child: ChildProcess, order: Order): Promise<Report> =>
  new Promise((resolve, reject) => {
    const gone = () => reject(new Error('a process with sockets has ended'));
    child.once('exit', gone);
    child.once('message', (report: Report) => {
      child.off('exit', gone);
      if (report.kind === 'failed') reject(new Error(`a socket was not opened: ${report.message}`));
      else resolve(report);
    });
    child.send(order);
  });

/** Starts a process that opens sockets on request. */
export const startCrowd = (): Crowd => {
  const child = fork(join(import.meta.dirname, 'crowd-process.ts'), { execArgv: [] });
  const end = () => void child.kill();
  const cancel = endWithBenches(async () => end());
  return {
    open: async (what) => void (await answerOf(child, { kind: 'open', ...what })),
    take: async () => {
      const report = await answerOf(child, { kind: 'take' });
      if (report.kind !== 'received') throw new Error(`a process with sockets reported ${report.kind}`);
      return report;
    },
    end: () => {
      cancel();
      end();
    },
  };
};
