import { createSequences } from './sequences.ts';

const KNOWN = ['?', 'n', 'g p', 'g r'];

/** The shortcuts that keys complete, each pressed so many milliseconds after the one before. */
const pressed = (...keys: [key: string, afterMs?: number][]): (string | null)[] => {
  const sequences = createSequences();
  let now = 5_000;
  return keys.map(([key, afterMs = 100]) => sequences.press(key, (now += afterMs), KNOWN));
};

test('one key is a shortcut at once, two are one after the other', () => {
  expect(pressed(['?'], ['g'], ['p'], ['n'])).toEqual(['?', null, 'g p', 'n']);
});

test('a second key that comes too late begins again', () => {
  expect(pressed(['g'], ['p', 1_501])).toEqual([null, null]);
  expect(pressed(['g'], ['n', 1_501])).toEqual([null, 'n']);
  expect(pressed(['g'], ['g', 2_000], ['r', 1_500])).toEqual([null, null, 'g r']);
});

test('a key that does not belong to the first counts alone, and ends it', () => {
  expect(pressed(['g'], ['n'], ['p'])).toEqual([null, 'n', null]);
  expect(pressed(['g'], ['x'], ['p'])).toEqual([null, null, null]);
});
