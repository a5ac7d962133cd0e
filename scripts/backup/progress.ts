export type Say = (line: string) => void;

const SAY_EVERY_MS = 2_000;

/** Passes on a line at most every two seconds. */
export const everyTwoSeconds = (say: Say): Say => {
  let nextMs = performance.now() + SAY_EVERY_MS;
  return (line) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + SAY_EVERY_MS;
    say(line);
  };
};

const MB = 1024 * 1024;

export const megabytes = (sizeBytes: number): string =>
  sizeBytes < 10 * MB ? `${(sizeBytes / MB).toFixed(1)} MB` : `${Math.round(sizeBytes / MB)} MB`;
