/** A program that runs: its id, and how it ended once it has. */
export type Spawned = { pid: number; exited: Promise<string> };

/** One program that a stack keeps running: a server, or a process with a service in it. */
export type Unit = {
  name: string;
  kind: 'server' | 'process';
  service?: string;
  what: string;
  address: string;
  /** Where a process answers /metrics and /health. */
  metricsPort?: number;
  /** Where its output goes. */
  logFile: string;
  /** @throws Error in one sentence when it cannot be started at all */
  launch(): Promise<Spawned>;
  isReady(): Promise<boolean>;
  /** Asks it to finish its work and end. */
  stopSignal: NodeJS.Signals;
};

export type UnitState = 'starting' | 'ready' | 'not ready' | 'failing' | 'stopping' | 'stopped';

export type UnitStatus = Pick<Unit, 'name' | 'kind' | 'service' | 'what' | 'address' | 'metricsPort'> & {
  state: UnitState;
  pid: number | null;
  memoryMb: number | null;
  /** From its last start until it could serve. */
  readyAfterMs: number | null;
  restarts: number;
  /** Why it is not running: its last words. */
  lastWords: string | null;
};

export type Status = { name: string; base: number; supervisorPid: number; units: UnitStatus[] };
