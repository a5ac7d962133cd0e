import { batched } from './loader.ts';

const loaderOf = (values: Record<string, number>, max = 100) => {
  const asked: string[][] = [];
  const load = batched<string, number | null>(
    async (keys) => {
      asked.push([...keys]);
      if (keys.includes('broken')) throw new Error('not there');
      return new Map(Object.entries(values));
    },
    { max, missing: null },
  );
  return { asked, load };
};

test('keys of one turn are loaded together, each once', async () => {
  const { asked, load } = loaderOf({ a: 1, b: 2 });
  expect(await Promise.all(['a', 'b', 'a', 'c'].map(load))).toEqual([1, 2, 1, null]);
  expect(await load('b')).toBe(2);
  expect(asked).toEqual([['a', 'b', 'c']]);
});

test('more keys than one call takes are loaded by several', async () => {
  const { asked, load } = loaderOf({ a: 1, b: 2, c: 3 }, 2);
  expect(await Promise.all(['a', 'b', 'c'].map(load))).toEqual([1, 2, 3]);
  expect(asked).toEqual([['a', 'b'], ['c']]);
});

test('a failure is that of all keys of its call', async () => {
  const { load } = loaderOf({ a: 1 });
  const settled = await Promise.allSettled(['a', 'broken'].map(load));
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
