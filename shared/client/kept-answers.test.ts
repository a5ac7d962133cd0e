import { auth } from '../contracts/auth/auth.ts';
import { payments } from '../contracts/payments.ts';
import { createClient } from './client.ts';
import { isProblem } from './problem.ts';

const { me } = auth.actions;
let answer: () => Response;
let named: (string | null)[];
beforeEach(() => {
  named = [];
});
const tagged = (etag: string, body: object) => () => Response.json(body, { headers: { etag } });
const unchanged = (): Response => new Response(null, { status: 304 });

const makeClient = (age = { read: () => '', write: () => {} }) => {
  const fetch: typeof globalThis.fetch = async (_address, init) => {
    named.push(new Headers(init?.headers).get('if-none-match'));
    expect(init?.cache).toBe('no-store');
    return answer();
  };
  return createClient({ fetch, onSignedOut: () => {}, age, locks: null });
};

it('a revalidated read names the entity tag that it knows, and 304 brings the kept answer', async () => {
  const client = makeClient();
  answer = tagged('W/"1"', { name: 'Ada' });
  expect(await client.call(me, {})).toEqual({ name: 'Ada' });
  answer = unchanged;
  const again = await client.call(me, {});
  again.name = 'spoiled';
  expect(await client.call(me, {})).toEqual({ name: 'Ada' });
  answer = tagged('W/"2"', { name: 'Bob' });
  expect(await client.call(me, {})).toEqual({ name: 'Bob' });
  answer = unchanged;
  expect(await client.call(me, {})).toEqual({ name: 'Bob' });
  expect(named).toEqual([null, 'W/"1"', 'W/"1"', 'W/"1"', 'W/"2"']);
});

it('nothing is kept for another session, nor after it has dropped its answers', async () => {
  let value = 'session-1.0';
  const client = makeClient({ read: () => value, write: () => {} });
  answer = tagged('W/"1"', { name: 'Ada' });
  const askAt = async (age: string) => {
    value = age;
    await client.call(me, {});
  };
  for (const age of ['session-1.0', 'session-1.1', 'session-2.0', 'session-2.0']) await askAt(age);
  client.dropAnswers();
  await client.call(me, {});
  expect(named).toEqual([null, 'W/"1"', null, 'W/"1"', null]);
});

it('the last thirty are kept, and a 304 that was not asked for is an error', async () => {
  const client = makeClient();
  answer = tagged('W/"1"', { items: [], nextCursor: null });
  const read = (limit: number) => client.call(payments.actions.list, { limit });
  for (let limit = 1; limit <= 31; limit++) await read(limit);
  named = [];
  for (const limit of [31, 2, 1]) await read(limit);
  expect(named).toEqual(['W/"1"', 'W/"1"', null]);
  client.dropAnswers();
  answer = unchanged;
  const error: unknown = await read(1).catch((thrown: unknown) => thrown);
  expect(isProblem(error)).toBe(true);
});
