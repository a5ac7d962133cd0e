/**
 * The upper bounds of a histogram's buckets, ascending; the last bucket has none. A scheme never changes:
 * other bounds get another name, so that rows of both are not added up.
 */
export const SCHEMES = {
  ms1: [
    10, 25, 50, 75, 100, 150, 200, 300, 400, 500, 650, 800, 1_000, 1_300, 1_800, 2_500, 3_200, 4_000, 6_000,
    10_000, 30_000, 300_000,
  ],
  score1: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.35, 0.5, 1],
  count1: [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 100],
} as const satisfies Record<string, readonly number[]>;
export type Scheme = keyof typeof SCHEMES;

/** How many values lie in each bucket, and their sum. */
export type Histogram = { buckets: readonly number[]; total: number };

export const emptyHistogram = (scheme: Scheme): Histogram => ({
  buckets: new Array<number>(SCHEMES[scheme].length + 1).fill(0),
  total: 0,
});

/** The bucket of a value: the first whose bound is not below it. */
export const bucketOf = (scheme: Scheme, value: number): number => {
  const at = SCHEMES[scheme].findIndex((bound) => value <= bound);
  return at === -1 ? SCHEMES[scheme].length : at;
};

/** The histogram with one more value. */
export const withValue = (scheme: Scheme, { buckets, total }: Histogram, value: number): Histogram => ({
  buckets: buckets.with(bucketOf(scheme, value), (buckets[bucketOf(scheme, value)] ?? 0) + 1),
  total: total + value,
});

/** The histogram of the values of both, of one scheme. */
export const merged = (one: Histogram, other: Histogram): Histogram => ({
  buckets: one.buckets.map((count, index) => count + (other.buckets[index] ?? 0)),
  total: one.total + other.total,
});

export const countOf = ({ buckets }: Histogram): number => buckets.reduce((sum, count) => sum + count, 0);

/**
 * The value that a share of all values does not exceed, between the bounds of its bucket in proportion, as
 * Prometheus estimates it (https://prometheus.io/docs/practices/histograms/). In the last bucket it is that
 * bucket's lower bound. Null for no values.
 */
export const quantile = (scheme: Scheme, histogram: Histogram, share: number): number | null => {
  const bounds: readonly number[] = SCHEMES[scheme];
  const count = countOf(histogram);
  if (count === 0) return null;
  const rank = share * count;
  let below = 0;
  for (const [index, inBucket] of histogram.buckets.entries()) {
    if (inBucket > 0 && below + inBucket >= rank) {
      const from = bounds[index - 1] ?? 0;
      const to = bounds[index] ?? from;
      return from + (to - from) * Math.max(0, (rank - below) / inBucket);
    }
    below += inBucket;
  }
  return bounds.at(-1) ?? null;
};
