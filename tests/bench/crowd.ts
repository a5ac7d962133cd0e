import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { endWithBenches } from './payloom.ts';

/** So many sockets more, by these people in turn, at these gateways in turn. */
export type Open = {
  kind: 'open';
  urls: readonly string[];
  origin: string;
  accessTokens: readonly string[];
  count: number;
  perSecond: number;
  /** Keeps what is heard. */
  records: boolean;
};
export type Order = Open | { kind: 'take' };

/** A message, and when it was there, in milliseconds since the epoch; `socket` counts from 0. */
export type EventDelivery = { atMs: number; name: string; payload: unknown; socket: number };
export type Told =
  | { kind: 'open' }
  | { kind: 'failed'; message: string }
  | { kind: 'heard'; heard: EventDelivery[]; lost: number };

/** People with sockets open, in a process of their own. */
export type Crowd = {
  open(what: Omit<Open, 'kind'>): Promise<void>;
  /** What was heard since this was asked last, and how many sockets were ever lost. */
  take(): Promise<{ heard: EventDelivery[]; lost: number }>;
  end(): void;
};

const answerOf = (child: ChildProcess, order: Order): Promise<Told> =>
  new Promise((resolve, reject) => {
    const gone = () => reject(new Error('a process with sockets has ended'));
    child.once('exit', gone);
    child.once('message', (told: Told) => {
      child.off('exit', gone);
      if (told.kind === 'failed') reject(new Error(`a socket was not opened: ${told.message}`));
      else resolve(told);
    });
    child.send(order);
  });

/** Starts a process that opens sockets as it is told. */
export const startCrowd = (): Crowd => {
  const child = fork(join(import.meta.dirname, 'crowd-process.ts'), { execArgv: [] });
  const end = () => void child.kill();
  const keep = endWithBenches(async () => end());
  return {
    open: async (what) => void (await answerOf(child, { kind: 'open', ...what })),
    take: async () => {
      const told = await answerOf(child, { kind: 'take' });
      if (told.kind !== 'heard') throw new Error('a process with sockets said something else');
      return told;
    },
    end: () => {
      keep();
      end();
    },
  };
};
