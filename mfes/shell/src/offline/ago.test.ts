import { agoText } from './ago.ts';

it.each([
  [0, 'just now'],
  [59_999, 'just now'],
  [60_000, '1 minute ago'],
  [5.9 * 60_000, '5 minutes ago'],
  [2 * 60 * 60_000, '2 hours ago'],
  [72 * 60 * 60_000, '3 days ago'],
])('%i ms before now is %s', (ms, text) => {
  expect(agoText(1_000, 1_000 + ms)).toBe(text);
});
