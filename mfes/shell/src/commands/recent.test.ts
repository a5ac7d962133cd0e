import { createRecent } from './recent.ts';

const setUp = (max = 3) => {
  const recent = createRecent<{ id: string }>(max);
  const choose = (userId: string, ...ids: string[]): void => ids.forEach((id) => recent.add(userId, { id }));
  return { choose, idsOf: (userId: string) => recent.of(userId).map(({ id }) => id) };
};

test('the last chosen comes first, each once, and the oldest is dropped', () => {
  const { choose, idsOf } = setUp();
  choose('usr_1', 'a', 'b', 'a', 'c', 'd');
  expect(idsOf('usr_1')).toEqual(['d', 'c', 'a']);
});

test('another user sees none of them, nor does the first one afterwards', () => {
  const { choose, idsOf } = setUp();
  choose('usr_1', 'a');
  expect(idsOf('usr_2')).toEqual([]);
  choose('usr_2', 'b');
  expect([idsOf('usr_2'), idsOf('usr_1'), idsOf('usr_2')]).toEqual([['b'], [], []]);
});
