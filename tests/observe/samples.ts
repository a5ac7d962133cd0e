/**
 * The sum of the samples of each metric in Prometheus' text format; of a histogram its observations.
 */
const sumsOf = (text: string): Map<string, number> => {
  const sums = new Map([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => [name, 0]));
  for (const [, sample = '', value = ''] of text.matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm)) {
    const name = sums.has(sample) ? sample : sample.replace(/_count$/, '');
    const sum = sums.get(name);
    if (sum !== undefined) sums.set(name, sum + Number(value));
  }
  return sums;
};

const textOf = async (url: string): Promise<string> => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  return answer.text();
};

/** Follows the metrics of processes that have just started, so that all of their counters began with 0. */
export const followMetrics = (urls: () => Promise<readonly string[]>) => {
  const highest = new Map<string, number>();
  return {
    /** Reads all processes once. A process that does not answer is left out. */
    read: async (): Promise<void> => {
      const texts = await Promise.all((await urls()).map((url) => textOf(url).catch(() => '')));
      for (const [name, sum] of texts.flatMap((text) => [...sumsOf(text)]))
        highest.set(name, Math.max(highest.get(name) ?? 0, sum));
    },
    /** Whether it was ever above 0 in a process. */
    hasMoved: (name: string): boolean => (highest.get(name) ?? 0) > 0,
  };
};
