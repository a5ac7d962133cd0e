import fc from 'fast-check';
import { addLines, newChecksum, sumOf, unequalBuckets } from './checksum.ts';

const line = fc.tuple(fc.nat({ max: 50 }), fc.string({ unit: fc.constantFrom('a', 'b', 'é') }));
const checksumOf = (lines: readonly (readonly [number, string])[]) => {
  const checksum = newChecksum();
  addLines(checksum, Buffer.from(lines.map(([key, text]) => `${key}\t${text}\n`).join('')), 1);
  return checksum;
};
const sorted = (lines: readonly (readonly [number, string])[]) => lines.map(String).toSorted().join('\n');

it('is the same for the same lines in any order and any blocks, and for no others', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), fc.array(line, { maxLength: 8 }), (one, other) => {
      const [a, b] = [checksumOf(one), checksumOf(other)];
      const isSame = sorted(one) === sorted(other);
      expect(sumOf(a) === sumOf(b) && a.rows === b.rows).toBe(isSame);
      expect(unequalBuckets(a, b).size === 0).toBe(isSame);
      const apart = newChecksum();
      for (const [key, text] of one.toReversed()) addLines(apart, Buffer.from(`${key}\t${text}\n`), 1);
      expect(unequalBuckets(apart, a).size).toBe(0);
      expect([sumOf(apart), apart.rows]).toEqual([sumOf(a), one.length]);
    }),
    { numRuns: 500 },
  );
});

it('names the buckets of the rows that differ, with their number on the larger side', () => {
  const one = checksumOf([
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
  expect([
    ...unequalBuckets(
      one,
      checksumOf([
        [1, 'a'],
        [2, 'x'],
        [3, 'c'],
      ]),
    ).values(),
  ]).toEqual([1]);
  expect([
    ...unequalBuckets(
      one,
      checksumOf([
        [1, 'a'],
        [3, 'c'],
      ]),
    ).values(),
  ]).toEqual([1]);
  expect([...unequalBuckets(one, checksumOf([])).values()]).toEqual([1, 1, 1]);
});

it('a hash of one line has bits of its whole', () => {
  const sums = new Set(
    Array.from({ length: 2_000 }, (_, n) => sumOf(checksumOf([[0, `${n}`.padStart(40, 'x')]]))),
  );
  expect(sums.size).toBe(2_000);
});
