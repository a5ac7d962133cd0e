/** The only source of time. All code receives a clock, so that a test or a demo can set the time. */
export type Clock = {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  now(): Date;
  /** `2026-11-23T09:30:00.000Z` */
  iso(): string;
};

const clockFrom = (nowMs: () => number): Clock => ({
  nowMs,
  now: () => new Date(nowMs()),
  iso: () => new Date(nowMs()).toISOString(),
});

export const systemClock: Clock = clockFrom(() => Date.now());

/** The system's clock plus a correction in milliseconds. */
export type CorrectableClock = Clock & { correct(offsetMs: number): void };

export const correctableClock = (): CorrectableClock => {
  let offsetMs = 0;
  return {
    ...clockFrom(() => Date.now() + offsetMs),
    correct: (newOffsetMs) => {
      offsetMs = newOffsetMs;
    },
  };
};

/** A clock that runs from a settable time. */
export const settableClock = (): Clock & { set(timeMs: number): void } => {
  let offsetMs = 0;
  return {
    ...clockFrom(() => Date.now() + offsetMs),
    set: (timeMs) => {
      offsetMs = timeMs - Date.now();
    },
  };
};
