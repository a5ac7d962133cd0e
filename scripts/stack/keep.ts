import { setTimeout as wait } from 'node:timers/promises';
import { memoryMbOf } from './process-identity.ts';
import { lastWordsOf, sizeOf } from './spawn-unit.ts';
import type { Spawned, Unit, UnitState, UnitStatus } from './unit.ts';

/** Who dies again within this time after its start waits before the next. */
const STEADY_MS = 5_000;
const BACKOFF_MS = { least: 100, most: 5_000 };
const READY_POLL_MS = 50;
const STOP_LIMIT_MS = 15_000;
const READY_LIMIT_MS = 60_000;
/** So many ends in a row without having been ready, and who waits for it is told. */
const FAILURES_TO_TELL = 3;

export type Kept = {
  unit: Unit;
  start(): void;
  /** Resolves when it has ended, by itself or (after 15 s) by SIGKILL; it stays down until started. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Ends the pause before its next start, because what it lacked may be there now. */
  hurry(): void;
  /** @throws Error with its last words when it does not come up */
  ready(): Promise<void>;
  pid(): number | null;
  status(): Promise<UnitStatus>;
};

export type KeepOptions = {
  say: (text: string) => void;
  /** A program has started or ended. */
  changed: () => void;
  /** It has become ready. */
  isUp?: (unit: Unit) => void;
};

/** What is known of a program from one start to the next. */
type Life = KeepOptions & {
  unit: Unit;
  state: UnitState;
  wanted: boolean;
  running: Spawned | null;
  readyAfterMs: number | null;
  restarts: number;
  /** Ends in a row without having been ready. */
  barren: number;
  lastWords: string | null;
  pause: AbortController;
};

/** At once the first time, then after a pause that grows with every death shortly after a start. */
export const backoffMs = (youngDeaths: number): number =>
  youngDeaths === 0 ? 0 : Math.min(BACKOFF_MS.most, BACKOFF_MS.least * 2 ** (youngDeaths - 1));

const signalTo = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
};

const watchReady = async (life: Life, spawned: Spawned, startedMs: number): Promise<void> => {
  const goesOn = () => life.running === spawned && life.wanted;
  while (goesOn()) {
    if (await life.unit.isReady().catch(() => false)) {
      if (!goesOn()) return;
      const readyAfterMs = Math.round(performance.now() - startedMs);
      Object.assign(life, {
        readyAfterMs,
        state: 'ready',
        barren: 0,
        lastWords: null,
      } satisfies Partial<Life>);
      life.say(`${life.unit.name} is ready after ${(readyAfterMs / 1000).toFixed(1)} s`);
      life.isUp?.(life.unit);
      return;
    }
    await wait(READY_POLL_MS);
  }
};

/** From one start to its end. */
const liveOnce = async (life: Life): Promise<void> => {
  const { unit } = life;
  const startedMs = performance.now();
  const offset = sizeOf(unit.logFile);
  life.state = life.barren > 0 ? 'failing' : 'starting';
  try {
    life.running = await unit.launch();
    life.changed();
    if (!life.wanted) signalTo(life.running.pid, unit.stopSignal);
    void watchReady(life, life.running, startedMs);
    const how = await life.running.exited;
    const words = life.readyAfterMs === null ? lastWordsOf(unit.logFile, offset) : '';
    if (life.wanted) life.lastWords = `ended (${how})${words ? ` at its start: ${words}` : ''}`;
  } catch (error) {
    life.lastWords = (error as Error).message;
  }
  if (life.wanted && life.readyAfterMs === null) life.barren += 1;
  life.running = null;
  life.readyAfterMs = null;
  life.changed();
};

const live = async (life: Life): Promise<void> => {
  for (let youngDeaths = 0; life.wanted;) {
    const startedMs = performance.now();
    await liveOnce(life);
    if (!life.wanted) break;
    youngDeaths = performance.now() - startedMs < STEADY_MS ? youngDeaths + 1 : 0;
    life.state = 'failing';
    life.restarts += 1;
    life.say(`${life.unit.name} ${life.lastWords}. Starting it again`);
    life.pause = new AbortController();
    await wait(backoffMs(youngDeaths), undefined, { signal: life.pause.signal }).catch(() => undefined);
  }
  life.state = 'stopped';
};

const waitUntilReady = async (life: Life): Promise<void> => {
  const endMs = performance.now() + READY_LIMIT_MS;
  const { name } = life.unit;
  while (life.state !== 'ready') {
    if (!life.wanted) throw new Error(`${name} was stopped`);
    if (life.barren >= FAILURES_TO_TELL) throw new Error(`${name} does not start: it ${life.lastWords}`);
    if (performance.now() > endMs) throw new Error(`${name} is not ready after a minute`);
    await wait(10);
  }
};

const statusOf = async (life: Life): Promise<UnitStatus> => {
  const { unit, readyAfterMs, restarts } = life;
  const { name, kind, service, what, address, metricsPort } = unit;
  const serves = life.state !== 'ready' || (await unit.isReady().catch(() => false));
  const state = serves ? life.state : 'not ready';
  const pid = life.running?.pid ?? null;
  const memoryMb = pid === null ? null : memoryMbOf(pid, kind === 'server');
  const lastWords = state === 'ready' || state === 'stopped' ? null : life.lastWords;
  const fixed = { name, kind, service, what, address, metricsPort };
  return { ...fixed, state, pid, memoryMb, readyAfterMs, restarts, lastWords };
};

/**
 * Keeps a program running: what dies is started again at once, or after a growing pause if it dies young.
 */
export const keep = (unit: Unit, options: KeepOptions): Kept => {
  const life: Life = {
    ...options,
    unit,
    state: 'stopped',
    wanted: false,
    running: null,
    readyAfterMs: null,
    restarts: 0,
    barren: 0,
    lastWords: null,
    pause: new AbortController(),
  };
  let living: Promise<void> = Promise.resolve();
  return {
    unit,
    start: () => {
      if (life.wanted) return;
      life.wanted = true;
      life.barren = 0;
      living = living.then(() => live(life));
    },
    stop: async (signal = unit.stopSignal) => {
      if (life.wanted) {
        life.wanted = false;
        life.state = 'stopping';
        life.pause.abort();
        if (life.running) signalTo(life.running.pid, signal);
      }
      const limit = setTimeout(() => {
        if (life.running) signalTo(life.running.pid, 'SIGKILL');
      }, STOP_LIMIT_MS);
      await living;
      clearTimeout(limit);
    },
    hurry: () => life.pause.abort(),
    ready: () => waitUntilReady(life),
    pid: () => life.running?.pid ?? null,
    status: () => statusOf(life),
  };
};
