import { systemClock, type CorrectableClock } from './clock.ts';
import type { Logger } from './logger.ts';

const EVERY_MS = 10_000;
/** Until there was a first answer. */
const FIRST_EVERY_MS = 500;
const FIRST_SAMPLES = 3;
/** Clocks of machines that keep time are nearer than this; correcting less would only make ours jump. */
const AGREES_MS = 250;

export type TimeSource = {
  /** For the log, for example `the database of auth`. */
  name: string;
  /** Milliseconds since the epoch, by the clock that counts. */
  ask(): Promise<number>;
};

type Sample = { offsetMs: number; tripMs: number };

/** How far ours is behind; the answer is taken to be from the middle of its way (Cristian's algorithm). */
const sample = async ({ ask }: TimeSource): Promise<Sample> => {
  const before = performance.now();
  const theirsMs = await ask();
  const tripMs = performance.now() - before;
  return { offsetMs: theirsMs + tripMs / 2 - systemClock.nowMs(), tripMs };
};

/**
 * Keeps a process's clock by that of a database, or of a service that has one: deadlines and the expiry of
 * tokens are times that processes on several machines have to agree on, whatever their own clocks say.
 * Measured before it resolves (where the source does not answer: as soon as it does), then every ten seconds.
 * @returns stops it
 */
export const keepTime = async (
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
      log.warn({ offsetMs: corrected, by: source.name }, "this machine's clock is wrong; corrected here");
    } catch (error) {
      log.debug({ err: error, by: source.name }, 'the time could not be asked for');
    }
  };
  const goOn = (): void => {
    if (stopped) return;
    const again = () => void measure(1).then(goOn);
    timer = setTimeout(again, answered ? EVERY_MS : FIRST_EVERY_MS).unref();
  };
  await measure(FIRST_SAMPLES);
  goOn();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
};
