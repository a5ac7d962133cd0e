import { keysToPublish, keyToSignWith } from './signing-keys.ts';

const now = new Date('2026-11-23T09:30:00.000Z');
const HOUR_MS = 3_600_000;
const key = (ageHours: number) => ({ createdAt: new Date(now.getTime() - ageHours * HOUR_MS) });

describe('signing keys', () => {
  it.each([
    ['there is none', [], null],
    ['the newest is a day old', [key(24), key(500)], 0],
    ['the newest is just below the age', [key(90 * 24 - 1)], 0],
    ['the newest has reached the age', [key(90 * 24)], null],
  ])('sign until they are too old: %s', (_case, keys, index) => {
    expect(keyToSignWith(keys, now, 90)).toBe(index === null ? null : keys[index]);
  });

  it.each([
    ['none', [], 0],
    ['the only one, however old', [key(9999)], 1],
    ['one whose successor is young', [key(0.5), key(9999)], 2],
    ['not one whose successor is older than an hour', [key(1), key(9999)], 1],
    ['not those before', [key(0.5), key(10), key(20)], 2],
  ])('are published while a live token may name them: %s', (_case, keys, count) => {
    expect(keysToPublish(keys, now)).toEqual(keys.slice(0, count));
  });
});
