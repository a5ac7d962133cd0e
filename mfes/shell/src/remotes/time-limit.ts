import { UnreachableError } from '../../../../shared/client/problem.ts';

/** The promise's value, or an UnreachableError when it takes longer than the limit. */
export const within = async <T>(limitMs: number, promise: Promise<T>, what: string): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new UnreachableError(`${what} took over ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
};
