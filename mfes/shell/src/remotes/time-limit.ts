import { UnreachableError } from '../../../../shared/client/problem.ts';

/**
 * The result of the work, or an UnreachableError when nothing has come for the time of the limit. The work
 * calls `alive` when something has: a slow line is not one that hangs.
 */
export const withoutStall = async <T>(
  limitMs: number,
  what: string,
  work: (alive: () => void) => Promise<T>,
): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let alive = (): void => {};
  const stalled = new Promise<never>((_, reject) => {
    alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(new UnreachableError(`${what} stalls for ${limitMs} ms`)), limitMs);
    };
  });
  alive();
  try {
    return await Promise.race([work(() => alive()), stalled]);
  } finally {
    alive = () => {};
    clearTimeout(timer);
  }
};
