import { durationText, vitalText } from './figure-texts.ts';

it.each([
  [0, '0 ms'],
  [999.4, '999 ms'],
  [1_000, '1 sec'],
  [2_540, '2.5 secs'],
])('%d ms is written %s', (ms, text) =>
  expect(durationText(ms, 'en-GB').replaceAll('\u00a0', ' ')).toBe(text),
);

it.each([
  ['lcp', null, '–'],
  ['lcp', 180, '180 ms'],
  ['cls', 0.104, '0.1'],
] as const)('%s of %s is written %s', (vital, value, text) =>
  expect(vitalText(vital, value, 'en-GB')).toBe(text),
);
