import { resume } from './resume.ts';

it.each([
  ['a new client starts at the end', null, { last: 7, oldest: 1 }, { from: 7, reread: false }],
  ['a client that has missed nothing continues', 7, { last: 7, oldest: 1 }, { from: 7, reread: false }],
  ['a client that has missed messages gets them', 3, { last: 7, oldest: 1 }, { from: 3, reread: false }],
  [
    'also when they start at the oldest that is stored',
    3,
    { last: 7, oldest: 4 },
    { from: 3, reread: false },
  ],
  ['but not when one was purged', 2, { last: 7, oldest: 4 }, { from: 7, reread: true }],
  [
    'without missed messages none need to be stored',
    7,
    { last: 7, oldest: null },
    { from: 7, reread: false },
  ],
  ['all messages were purged', 6, { last: 7, oldest: null }, { from: 7, reread: true }],
  ['the maximum that is sent', 0, { last: 1_000, oldest: 1 }, { from: 0, reread: false }],
  ['one more', 0, { last: 1_001, oldest: 1 }, { from: 1_001, reread: true }],
  ['a number greater than any of the stream', 8, { last: 7, oldest: 1 }, { from: 7, reread: true }],
  ['an empty stream', null, { last: 0, oldest: null }, { from: 0, reread: false }],
  ['an empty stream, again', 0, { last: 0, oldest: null }, { from: 0, reread: false }],
])('%s', (_rule, after, ends, expected) => {
  expect(resume(after, ends)).toEqual(expected);
});
