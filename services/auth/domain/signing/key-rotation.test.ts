import {
  isKeyDue,
  keyStates,
  keysToPublish,
  keyToSignWith,
  MADE_AHEAD_MS,
  SIGNS_FROM_MS,
} from './key-rotation.ts';

const now = new Date('2026-11-23T09:30:00.000Z');
const HOUR_MS = 3_600_000;
const keyAged = (ageMs: number) => ({ createdAt: new Date(now.getTime() - ageMs) });
const key = (ageHours: number) => keyAged(ageHours * HOUR_MS);
const NINETY_DAYS_MS = 90 * 24 * HOUR_MS;

describe('signing keys', () => {
  it.each([
    ['there is none', [], null],
    ['the first one signs at once', [keyAged(0)], 0],
    ['the newest is a day old', [key(24), key(500)], 0],
    ['the newest is not yet known to every process', [keyAged(SIGNS_FROM_MS - 1), key(500)], 1],
    ['the newest has just become known', [keyAged(SIGNS_FROM_MS), key(500)], 0],
    ['two new keys were created in a row', [keyAged(1), keyAged(2), key(500)], 2],
    ['the first key was replaced at once', [keyAged(0), keyAged(1)], 1],
    ['all were created by a clock that is ahead', [keyAged(-HOUR_MS), keyAged(-2)], 1],
  ])('sign once every process can have fetched them: %s', (_case, keys, index) => {
    expect(keyToSignWith(keys, now)).toBe(index === null ? null : keys[index]);
  });

  it.each([
    ['there is none', [], true],
    ['the newest is a day old', [key(24), key(5000)], false],
    ['the newest is not yet in its last five minutes', [keyAged(NINETY_DAYS_MS - MADE_AHEAD_MS - 1)], false],
    ['the newest has reached its last five minutes', [keyAged(NINETY_DAYS_MS - MADE_AHEAD_MS)], true],
    ['the newest is too old', [key(90 * 24)], true],
  ])('are replaced before they reach their maximum age: %s', (_case, keys, isDue) => {
    expect(isKeyDue(keys, now, 90)).toBe(isDue);
  });

  it.each([
    ['no key', [], 0],
    ['the only key, whatever its age', [key(9999)], 1],
    ['a key whose successor is young', [key(0.5), key(9999)], 2],
    ['not a key whose successor is older than an hour', [key(1), key(9999)], 1],
    ['no older keys', [key(0.5), key(10), key(20)], 2],
  ])('are published while a live token may be signed with them: %s', (_case, keys, count) => {
    expect(keysToPublish(keys, now)).toEqual(keys.slice(0, count));
  });

  it.each([
    ['one key', [key(1)], ['signing']],
    ['a new key', [keyAged(14_999), key(50)], ['next', 'signing']],
    ['a rotation', [keyAged(15_000), key(50)], ['signing', 'retiring']],
    [
      'several rotations',
      [keyAged(5), keyAged(20_000), key(0.5), key(50)],
      ['next', 'signing', 'retiring', 'retiring'],
    ],
    ['an old rotation', [key(2), key(50)], ['signing']],
  ])('have states: %s', (_case, keys, states) => {
    expect(keyStates(keys, now).map(({ state }) => state)).toEqual(states);
  });
});
