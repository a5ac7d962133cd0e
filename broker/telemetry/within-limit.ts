/** A reader of metrics waits this long for what is read meanwhile; it is less than its own time limit. */
const LIMIT_MS = 1_000;

/** The result, or null when it fails or is late: what does not answer must not hide all other metrics. */
export const withinLimit = async <T>(promise: Promise<T>): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LIMIT_MS);
  });
  return Promise.race([promise.catch(() => null), late]).finally(() => clearTimeout(timer));
};
