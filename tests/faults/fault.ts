import type { Copy } from './embedded-instance.ts';
import type { System } from './system.ts';

export type Run = {
  seed: number;
  /** Fewer rounds, for CI. */
  short: boolean;
};

type Named = {
  /** For example `F1-kill-payments`; `F1` alone stands for all that begin so. */
  name: string;
  /** What is done, in a sentence. */
  title: string;
  /** Whether it belongs to the short choice. */
  short: boolean;
};

/** Breaks an embedded copy of its own; says what it saw; throws when a promise is broken. */
export type CopyFault = Named & { on: 'copy'; run: (copy: Copy, run: Run) => Promise<string> };

/** Breaks a running stack; what it broke it leaves whole again. */
export type StackFault = Named & {
  on: 'stack';
  /** A stack of its own, with so many brokers. */
  brokers?: 3;
  run: (system: System, run: Run) => Promise<string>;
};

export type Fault = CopyFault | StackFault;

/** What both can do; a fault that needs no more runs on either. */
export type Target = Pick<Copy, 'ack' | 'misbehave'> & { urls: readonly string[] };
