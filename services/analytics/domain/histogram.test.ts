import fc from 'fast-check';
import {
  bucketOf,
  countOf,
  emptyHistogram,
  merged,
  quantile,
  SCHEMES,
  withValue,
  type Scheme,
} from './histogram.ts';

const schemes = fc.constantFrom(...(Object.keys(SCHEMES) as Scheme[]));
const values = fc.array(fc.double({ min: 0, max: 400_000, noNaN: true }), { minLength: 1, maxLength: 60 });
const of = (scheme: Scheme, all: readonly number[]) =>
  all.reduce((histogram, value) => withValue(scheme, histogram, value), emptyHistogram(scheme));
const smallestOf = (all: readonly number[], share: number): number =>
  [...all].sort((a, b) => a - b)[Math.max(0, Math.ceil(share * all.length) - 1)] ?? NaN;

it.each(Object.entries(SCHEMES))('the bounds of %s ascend', (_name, bounds) => {
  expect([...bounds].sort((a, b) => a - b)).toEqual(bounds);
});

it('values may be added in any batches and any order', () => {
  fc.assert(
    fc.property(schemes, values, fc.nat(60), (scheme, all, at) => {
      const whole = of(scheme, all);
      const parts = merged(of(scheme, all.slice(at)), of(scheme, all.slice(0, at)));
      expect(parts.buckets).toEqual(whole.buckets);
      expect(parts.total).toBeCloseTo(whole.total, 3);
      expect(countOf(parts)).toBe(all.length);
    }),
  );
});

it('a quantile lies in the bucket of the value that it estimates', () => {
  fc.assert(
    fc.property(schemes, values, fc.constantFrom(0.5, 0.75, 0.95), (scheme, all, share) => {
      const estimate = quantile(scheme, of(scheme, all), share) ?? NaN;
      const bounds: readonly number[] = SCHEMES[scheme];
      const bucket = bucketOf(scheme, smallestOf(all, share));
      expect(estimate).toBeGreaterThanOrEqual(bounds[bucket - 1] ?? 0);
      expect(estimate).toBeLessThanOrEqual(bounds[bucket] ?? bounds.at(-1) ?? NaN);
    }),
  );
});

it('a quantile never falls when its share grows', () => {
  fc.assert(
    fc.property(schemes, values, (scheme, all) => {
      const histogram = of(scheme, all);
      const [p50, p75, p95] = [0.5, 0.75, 0.95].map((share) => quantile(scheme, histogram, share) ?? NaN);
      expect(p50).toBeLessThanOrEqual(p75 ?? NaN);
      expect(p75).toBeLessThanOrEqual(p95 ?? NaN);
    }),
  );
});

it('without values there is no quantile', () =>
  expect(quantile('ms1', emptyHistogram('ms1'), 0.75)).toBeNull());

it('the thresholds of the web vitals are bounds, so that a rating is exact', () => {
  for (const ms of [2_500, 4_000, 200, 500, 800, 1_800]) expect(SCHEMES.ms1).toContain(ms);
  for (const score of [0.1, 0.25]) expect(SCHEMES.score1).toContain(score);
});
