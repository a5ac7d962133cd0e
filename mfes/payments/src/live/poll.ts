import type { Host } from '../../../../shared/client/host.ts';

/** Delay between reads of an unfinished payment: 250 ms, growing to 2 s. */
export const paymentDelayMs = (round: number): number => Math.min(2_000, Math.round(250 * 1.5 ** round));

const LIST_DELAY_MS = 3_000;
const LIST_ROUNDS = 40;
const LIST_SLOW_ROUNDS = 20;

/**
 * Delay between reads of a list with unfinished payments: 3 s for two minutes, then 15 s for five; then null,
 * because a page left open must not poll forever.
 */
export const listDelayMs = (round: number): number | null => {
  if (round < LIST_ROUNDS) return LIST_DELAY_MS;
  return round < LIST_ROUNDS + LIST_SLOW_ROUNDS ? LIST_DELAY_MS * 5 : null;
};

const SAFETY_DELAY_MS = 15_000;
const SAFETY_ROUNDS = 40;

/** While messages arrive, polling is slow and limited in time. */
export const safetyDelayMs = (round: number): number | null =>
  round < SAFETY_ROUNDS ? SAFETY_DELAY_MS : null;

/** What polling needs of the page; replaceable in tests. */
export type Surroundings = {
  hidden(): boolean;
  /** Calls the listener when the page is shown again; returns its cleanup. */
  onShown(listener: () => void): () => void;
  /** Whether messages arrive. */
  isLive(): boolean;
  /** Calls the listener when messages begin or stop to arrive; returns its cleanup. */
  onLive(listener: () => void): () => void;
  /** Calls the listener after the delay; returns its cancellation. */
  after(delayMs: number, listener: () => void): () => void;
};

export const surroundingsOf = (host: Pick<Host, 'on' | 'live'>): Surroundings => ({
  hidden: () => document.hidden,
  onShown: (listener) => {
    const shown = (): void => {
      if (!document.hidden) listener();
    };
    document.addEventListener('visibilitychange', shown);
    return () => document.removeEventListener('visibilitychange', shown);
  },
  isLive: () => host.live.state() === 'connected',
  onLive: (listener) => host.on('live', listener),
  after: (delayMs, listener) => {
    const timer = setTimeout(listener, delayMs);
    return () => clearTimeout(timer);
  },
});

export type Polling = {
  /** Reads once; resolves to whether polling continues. Never rejects. */
  read: (signal: AbortSignal) => Promise<boolean>;
  /** Delay before the round, counted from 0, while no messages arrive; null ends it. */
  delayMs: (round: number) => number | null;
  /** The same while messages arrive. */
  liveDelayMs?: (round: number) => number | null;
  surroundings: Surroundings;
};

/**
 * Polls until `read` resolves to false. A hidden page is not polled; when it is shown again it is read at
 * once and the delays restart, as they do when messages begin or stop to arrive. Returns the function that
 * stops it.
 */
export const poll = ({ read, delayMs, liveDelayMs = safetyDelayMs, surroundings }: Polling): (() => void) => {
  const controller = new AbortController();
  let round = 0;
  let waiting: (() => void) | null = null;
  let reading = false;

  const stop = (): void => {
    controller.abort();
    waiting?.();
    stops.forEach((unlisten) => unlisten());
  };
  const plan = (): void => {
    const delay = surroundings.isLive() ? liveDelayMs(round) : delayMs(round);
    round += 1;
    waiting = delay === null ? null : surroundings.after(delay, turn);
  };
  const turn = (): void => {
    waiting = null;
    if (reading || surroundings.hidden() || controller.signal.aborted) return;
    reading = true;
    void read(controller.signal).then((more) => {
      reading = false;
      if (controller.signal.aborted) return;
      if (more) plan();
      else stop();
    });
  };
  const stops = [
    surroundings.onShown(() => {
      waiting?.();
      round = 0;
      turn();
    }),
    surroundings.onLive(() => {
      waiting?.();
      round = 0;
      // The running read schedules the next one.
      if (!reading) plan();
    }),
  ];
  plan();
  return stop;
};

/** Restartable polling; starting it twice has no effect. */
export const createPoller = (polling: Polling) => {
  let end: (() => void) | null = null;
  const stop = (): void => {
    end?.();
    end = null;
  };
  return {
    stop,
    /** Polls while `hasMore` is true; returns whether it is. */
    pollIf: (more: boolean): boolean => {
      if (more) end ??= poll(polling);
      else stop();
      return more;
    },
  };
};
