import { AVATARS_MAX } from '../contracts/profile/avatar.ts';
import type { UserId } from '../contracts/ids.ts';
import { createHashReader } from './hash-reader.ts';

const idOf = (n: number) => `usr_${n}` as UserId;

/** A reader whose server knows an avatar of user 1, and has an error while `isDown`. */
const stage = () => {
  const asked: UserId[][] = [];
  const shown = new Map<UserId, string | null>();
  const server = { isDown: false, nowMs: 1_000 };
  const { ask } = createHashReader<string>({
    read: async (_client, ids) => {
      asked.push([...ids]);
      if (server.isDown) throw new Error('down');
      return new Map(ids.filter((id) => id === idOf(1)).map((id) => [id, 'a1']));
    },
    now: () => server.nowMs,
    found: (hashes) => hashes.forEach((hash, id) => shown.set(id, hash)),
  });
  const askFor = async (...numbers: number[]): Promise<void> => {
    for (const n of numbers) ask('client', idOf(n));
    await new Promise((later) => setTimeout(later));
  };
  return { asked, shown, server, askFor };
};

it('reads all avatars of a page with one request, each user once', async () => {
  const { asked, shown, askFor } = stage();
  await askFor(1, 2, 1);
  expect(asked).toEqual([[idOf(1), idOf(2)]]);
  expect([...shown]).toEqual([
    [idOf(1), 'a1'],
    [idOf(2), null],
  ]);
});

it('asks again only after some minutes', async () => {
  const { asked, server, askFor } = stage();
  await askFor(1);
  await askFor(1, 2);
  server.nowMs += 6 * 60_000;
  await askFor(1);
  expect(asked).toEqual([[idOf(1)], [idOf(2)], [idOf(1)]]);
});

it('asks for no more users at once than the contract allows', async () => {
  const { asked, askFor } = stage();
  await askFor(...Array.from({ length: AVATARS_MAX + 1 }, (_, n) => n));
  expect(asked.map(({ length }) => length)).toEqual([AVATARS_MAX, 1]);
});

it('leaves the initials for a while when there is no answer', async () => {
  const { asked, shown, server, askFor } = stage();
  server.isDown = true;
  await askFor(1);
  await askFor(1);
  expect([asked.length, shown.size]).toEqual([1, 0]);
  server.isDown = false;
  server.nowMs += 31_000;
  await askFor(1);
  expect(shown.get(idOf(1))).toBe('a1');
});
