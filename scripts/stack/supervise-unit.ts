import { setTimeout as sleep } from 'node:timers/promises';
import { memoryMbOf } from './process-identity.ts';
import { lastOutputOf, sizeOf } from './spawn-unit.ts';
import type { Spawned, Unit, UnitState, UnitStatus } from './unit.ts';

/** A program that ends within this time after its start is started again only after a pause. */
const EARLY_EXIT_MS = 5_000;
const BACKOFF_MS = { min: 100, max: 5_000 };
const READY_POLL_MS = 50;
const STOP_LIMIT_MS = 15_000;
const READY_LIMIT_MS = 60_000;
/** After so many failed starts in a row `ready` rejects; the starts go on. */
const FAILED_STARTS_MAX = 3;

export type SupervisedUnit = {
  unit: Unit;
  start(): void;
  /** Resolves when it has ended, by itself or (after 15 s) by SIGKILL; it stays down until started. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the pause before its next start, because what it lacked may be there now. */
  retryNow(): void;
  /** @throws Error with its last output when it does not come up */
  ready(): Promise<void>;
  pid(): number | null;
  status(): Promise<UnitStatus>;
};

type SuperviseUnitOptions = {
  say: (text: string) => void;
  /** Called when its program has started or ended. */
  onChange: () => void;
  onReady?: (unit: Unit) => void;
};

/** The state of a unit over all its starts. */
type Run = SuperviseUnitOptions & {
  unit: Unit;
  state: UnitState;
  isWanted: boolean;
  spawned: Spawned | null;
  readyAfterMs: number | null;
  restarts: number;
  /** Starts in a row after which it ended before it was ready. */
  failedStarts: number;
  lastOutput: string | null;
  pause: AbortController;
};

/** No pause after the first early exit, then a pause that doubles with each one. */
export const backoffMs = (earlyExits: number): number =>
  earlyExits === 0 ? 0 : Math.min(BACKOFF_MS.max, BACKOFF_MS.min * 2 ** (earlyExits - 1));

const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
};

const watchReady = async (run: Run, spawned: Spawned, startedMs: number): Promise<void> => {
  const isCurrent = () => run.spawned === spawned && run.isWanted;
  while (isCurrent()) {
    if (await run.unit.isReady().catch(() => false)) {
      if (!isCurrent()) return;
      run.readyAfterMs = Math.round(performance.now() - startedMs);
      run.state = 'ready';
      run.failedStarts = 0;
      run.lastOutput = null;
      run.say(`${run.unit.name} is ready after ${(run.readyAfterMs / 1000).toFixed(1)} s`);
      run.onReady?.(run.unit);
      return;
    }
    await sleep(READY_POLL_MS);
  }
};

/** Runs the program once, from its start to its end. */
const runOnce = async (run: Run): Promise<void> => {
  const { unit } = run;
  const startedMs = performance.now();
  const offset = sizeOf(unit.logFile);
  run.state = run.failedStarts > 0 ? 'failing' : 'starting';
  try {
    run.spawned = await unit.launch();
    run.onChange();
    if (!run.isWanted) signalTo(run.spawned.pid, unit.stopSignal);
    void watchReady(run, run.spawned, startedMs);
    const how = await run.spawned.exited;
    const output = run.readyAfterMs === null ? lastOutputOf(unit.logFile, offset) : '';
    if (run.isWanted) run.lastOutput = `ended (${how})${output ? ` at its start: ${output}` : ''}`;
  } catch (error) {
    run.lastOutput = (error as Error).message;
  }
  if (run.isWanted && run.readyAfterMs === null) run.failedStarts += 1;
  run.spawned = null;
  run.readyAfterMs = null;
  run.onChange();
};

const runUntilStopped = async (run: Run): Promise<void> => {
  for (let earlyExits = 0; run.isWanted;) {
    const startedMs = performance.now();
    await runOnce(run);
    if (!run.isWanted) break;
    earlyExits = performance.now() - startedMs < EARLY_EXIT_MS ? earlyExits + 1 : 0;
    run.state = 'failing';
    run.restarts += 1;
    run.say(`${run.unit.name} ${run.lastOutput}. Starting it again`);
    run.pause = new AbortController();
    await sleep(backoffMs(earlyExits), undefined, { signal: run.pause.signal }).catch(() => undefined);
  }
  run.state = 'stopped';
};

const waitUntilReady = async (run: Run): Promise<void> => {
  const endMs = performance.now() + READY_LIMIT_MS;
  const { name } = run.unit;
  while (run.state !== 'ready') {
    if (!run.isWanted) throw new Error(`${name} was stopped`);
    if (run.failedStarts >= FAILED_STARTS_MAX)
      throw new Error(`${name} does not start: it ${run.lastOutput}`);
    if (performance.now() > endMs) throw new Error(`${name} is not ready after a minute`);
    await sleep(10);
  }
};

const statusOf = async (run: Run): Promise<UnitStatus> => {
  const { unit, readyAfterMs, restarts } = run;
  const { name, kind, service, what, address, metricsPort } = unit;
  const isServing = run.state !== 'ready' || (await unit.isReady().catch(() => false));
  const state = isServing ? run.state : 'not ready';
  const pid = run.spawned?.pid ?? null;
  const memoryMb = pid === null ? null : memoryMbOf(pid, kind === 'server');
  const lastOutput = state === 'ready' || state === 'stopped' ? null : run.lastOutput;
  const fixed = { name, kind, service, what, address, metricsPort };
  return { ...fixed, state, pid, memoryMb, readyAfterMs, restarts, lastOutput };
};

/** Keeps a program running: when it ends it is started again, at once or after early exits with a pause. */
export const superviseUnit = (unit: Unit, options: SuperviseUnitOptions): SupervisedUnit => {
  const run: Run = {
    ...options,
    unit,
    state: 'stopped',
    isWanted: false,
    spawned: null,
    readyAfterMs: null,
    restarts: 0,
    failedStarts: 0,
    lastOutput: null,
    pause: new AbortController(),
  };
  let ended: Promise<void> = Promise.resolve();
  return {
    unit,
    start: () => {
      if (run.isWanted) return;
      run.isWanted = true;
      run.failedStarts = 0;
      ended = ended.then(() => runUntilStopped(run));
    },
    stop: async (signal = unit.stopSignal) => {
      if (run.isWanted) {
        run.isWanted = false;
        run.state = 'stopping';
        run.pause.abort();
        if (run.spawned) signalTo(run.spawned.pid, signal);
      }
      const limit = setTimeout(() => {
        if (run.spawned) signalTo(run.spawned.pid, 'SIGKILL');
      }, STOP_LIMIT_MS);
      await ended;
      clearTimeout(limit);
    },
    retryNow: () => run.pause.abort(),
    ready: () => waitUntilReady(run),
    pid: () => run.spawned?.pid ?? null,
    status: () => statusOf(run),
  };
};
