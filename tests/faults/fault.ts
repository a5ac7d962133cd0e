import type { Containers } from './containers.ts';
import type { FaultInstance } from './fault-instance.ts';
import type { StackNeeds, System } from './system.ts';

export type Run = {
  seed: number;
  /** Fewer rounds, for CI. */
  short: boolean;
};

type Named = {
  /** For example `F1-kill-payments`; `F1` alone chooses every fault that begins with it. */
  name: string;
  /** What is done, in one sentence. */
  title: string;
};

/** Breaks an embedded instance; returns its figures; throws when a promise is broken. */
export type InstanceFault = Named & {
  on: 'instance';
  run: (instance: FaultInstance, run: Run) => Promise<string>;
};

/** Breaks a running stack, and repairs what it broke. */
export type StackFault = Named & {
  on: 'stack';
  /** It needs a stack with this number of brokers. */
  brokers?: 3;
  /** It needs a stack of its own with these settings. */
  needs?: StackNeeds;
  /** Its clients go through nginx, instead of turning from one gateway to the other. */
  edge?: true;
  run: (system: System, run: Run) => Promise<string>;
};

/** Breaks the system of docker/compose.yml. It needs a container engine, so it runs only when it is named. */
export type ContainersFault = Named & {
  on: 'containers';
  run: (containers: Containers, run: Run) => Promise<string>;
};

export type Fault = InstanceFault | StackFault | ContainersFault;

/** What stacks and instances have in common, for faults that run on either. */
export type Target = Pick<FaultInstance, 'ack' | 'injectFault'> & { urls: readonly string[] };
