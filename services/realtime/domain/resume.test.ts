import { resume } from './resume.ts';

it.each([
  ['who has just come starts at the end', null, { last: 7, oldest: 1 }, { from: 7, reread: false }],
  ['who has missed nothing goes on', 7, { last: 7, oldest: 1 }, { from: 7, reread: false }],
  ['who has missed something gets it', 3, { last: 7, oldest: 1 }, { from: 3, reread: false }],
  ['all of it, where it begins at the oldest kept', 3, { last: 7, oldest: 4 }, { from: 3, reread: false }],
  ['or reads again, where one is gone', 2, { last: 7, oldest: 4 }, { from: 7, reread: true }],
  ['nothing missed needs nothing kept', 7, { last: 7, oldest: null }, { from: 7, reread: false }],
  ['all is forgotten', 6, { last: 7, oldest: null }, { from: 7, reread: true }],
  ['the most that is sent', 0, { last: 1_000, oldest: 1 }, { from: 0, reread: false }],
  ['one more', 0, { last: 1_001, oldest: 1 }, { from: 1_001, reread: true }],
  ['a number that there never was', 8, { last: 7, oldest: 1 }, { from: 7, reread: true }],
  ['an empty stream', null, { last: 0, oldest: null }, { from: 0, reread: false }],
  ['an empty stream, again', 0, { last: 0, oldest: null }, { from: 0, reread: false }],
])('%s', (_rule, after, ends, expected) => {
  expect(resume(after, ends)).toEqual(expected);
});
