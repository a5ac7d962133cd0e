import { systemClock, type CorrectableClock } from './clock.ts';
import type { Logger } from './logger.ts';

const EVERY_MS = 10_000;
/** Interval until the first answer. */
const FIRST_EVERY_MS = 500;
const FIRST_SAMPLES = 3;
/** Synchronized machines differ by less; correcting smaller offsets would only make the clock jump. */
const AGREES_MS = 250;

export type TimeSource = {
  /** Shown in the log, for example `the database of auth`. */
  name: string;
  /** Milliseconds since the epoch, by the reference clock. */
  read(): Promise<number>;
};

type Sample = { offsetMs: number; tripMs: number };

/**
 * Our offset to the source; the answer is assumed to be from the middle of the round trip (Cristian's
 * algorithm).
 */
const sample = async ({ read }: TimeSource): Promise<Sample> => {
  const before = performance.now();
  const sourceMs = await read();
  const tripMs = performance.now() - before;
  return { offsetMs: sourceMs + tripMs / 2 - systemClock.nowMs(), tripMs };
};

/**
 * Synchronizes the process's clock with a database's, or with that of a service that has one: deadlines and
 * token expiry need the same time on all machines. Measures once before it resolves (or, if the source does
 * not answer, as soon as it does), then every ten seconds.
 * @returns stops the synchronization
 */
export const synchronizeClock = async (
  clock: CorrectableClock,
  source: TimeSource,
  log: Logger,
): Promise<() => void> => {
  let corrected = 0;
  let answered = false;
  let stopped = false;
  let timer: NodeJS.Timeout;
  const measure = async (samples: number): Promise<void> => {
    try {
      const taken: Sample[] = [];
      for (let count = 0; count < samples; count++) taken.push(await sample(source));
      answered = true;
      const [best] = taken.sort((a, b) => a.tripMs - b.tripMs) as [Sample];
      const change = best.offsetMs - corrected;
      if (Math.abs(change) < AGREES_MS + best.tripMs) return;
      corrected = Math.abs(best.offsetMs) < AGREES_MS ? 0 : Math.round(best.offsetMs);
      clock.correct(corrected);
      log.warn({ offsetMs: corrected, by: source.name }, 'clock offset of this machine corrected');
    } catch (error) {
      log.debug({ err: error, by: source.name }, 'clock offset could not be measured');
    }
  };
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => void measure(1).then(schedule), answered ? EVERY_MS : FIRST_EVERY_MS).unref();
  };
  await measure(FIRST_SAMPLES);
  schedule();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};
