import {
  isKeyDue,
  keyStates,
  keysToPublish,
  keyToSignWith,
  MADE_AHEAD_MS,
  SIGNS_FROM_MS,
} from './signing-keys.ts';

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
    ['the newest is not known broadcast yet', [keyAged(SIGNS_FROM_MS - 1), key(500)], 1],
    ['the newest has just become known', [keyAged(SIGNS_FROM_MS), key(500)], 0],
    ['two new ones follow each other', [keyAged(1), keyAged(2), key(500)], 2],
    ['the first one was followed at once', [keyAged(0), keyAged(1)], 1],
    ['all were made by a clock that is ahead', [keyAged(-HOUR_MS), keyAged(-2)], 1],
  ])('sign once everybody can know them: %s', (_case, keys, index) => {
    expect(keyToSignWith(keys, now)).toBe(index === null ? null : keys[index]);
  });

  it.each([
    ['there is none', [], true],
    ['the newest is a day old', [key(24), key(5000)], false],
    ['the newest is not yet in its last five minutes', [keyAged(NINETY_DAYS_MS - MADE_AHEAD_MS - 1)], false],
    ['the newest has reached its last five minutes', [keyAged(NINETY_DAYS_MS - MADE_AHEAD_MS)], true],
    ['the newest is too old', [key(90 * 24)], true],
  ])('are followed by a new one before they are too old: %s', (_case, keys, isDue) => {
    expect(isKeyDue(keys, now, 90)).toBe(isDue);
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

  it.each([
    ['one', [key(1)], ['signing']],
    ['a new one', [keyAged(14_999), key(50)], ['next', 'signing']],
    ['a change', [keyAged(15_000), key(50)], ['signing', 'retiring']],
    [
      'several changes',
      [keyAged(5), keyAged(20_000), key(0.5), key(50)],
      ['next', 'signing', 'retiring', 'retiring'],
    ],
    ['an old change', [key(2), key(50)], ['signing']],
  ])('have states: %s', (_case, keys, states) => {
    expect(keyStates(keys, now).map(({ state }) => state)).toEqual(states);
  });
});
