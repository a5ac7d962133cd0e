import { AppError } from '../../../broker/calls/errors.ts';

/** Runs work a few at a time; the rest waits its turn, and what finds the line full is told `unavailable`. */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>;

export const makeQueue = (atOnce: number, waitingMax: number): Queue => {
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = async (): Promise<void> => {
    if (running < atOnce) {
      running += 1;
      return;
    }
    if (waiting.length >= waitingMax) throw new AppError('unavailable', { retryAfterS: 1 });
    await new Promise<void>((resolve) => waiting.push(resolve));
  };

  // A place that becomes free is handed to the next in line, so that nobody can slip in before it.
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  return async (work) => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
};
