import fc from 'fast-check';
import { canonicalJson } from './fingerprint.ts';

/** The same value with the fields of all objects in reverse. */
const reversed = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reversed);
  const fields = Object.entries(value).map(([name, inner]) => [name, reversed(inner)]);
  return Object.fromEntries(fields.reverse());
};

it('sorts the fields of objects and leaves lists in their order', () => {
  expect(canonicalJson({ b: [2, 1, { d: null, c: 'x' }], a: 1, A: { '\u00e9': 1, z: 2 } })).toBe(
    '{"A":{"z":2,"é":1},"a":1,"b":[2,1,{"c":"x","d":null}]}',
  );
});

it('is the same for the same fields in any order, and other for other values', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(canonicalJson(reversed(one))).toBe(canonicalJson(one));
      expect(JSON.parse(canonicalJson(one))).toEqual(JSON.parse(JSON.stringify(one)));
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      if (isSame) expect(canonicalJson(one)).toBe(canonicalJson(other));
    }),
  );
});
