/** A running program: its process id, and how it ended. */
export type Spawned = { pid: number; exited: Promise<string> };

/** One program under supervision: a server, or a process with a service in it. */
export type Unit = {
  name: string;
  kind: 'server' | 'process';
  service?: string;
  what: string;
  address: string;
  /** The port of a process for /metrics and /health. */
  metricsPort?: number;
  /** The file of its output. */
  logFile: string;
  /** @throws Error when the program cannot be run */
  launch(): Promise<Spawned>;
  isReady(): Promise<boolean>;
  /** Makes it finish its work and exit. */
  stopSignal: NodeJS.Signals;
};

export type UnitState = 'starting' | 'ready' | 'not ready' | 'failing' | 'stopping' | 'stopped';

export type UnitStatus = Pick<Unit, 'name' | 'kind' | 'service' | 'what' | 'address' | 'metricsPort'> & {
  state: UnitState;
  pid: number | null;
  memoryMb: number | null;
  /** From its last start until it was ready. */
  readyAfterMs: number | null;
  restarts: number;
  /** Why it is not running. */
  lastOutput: string | null;
};

export type Status = { name: string; base: number; supervisorPid: number; units: UnitStatus[] };
