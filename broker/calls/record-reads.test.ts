import * as z from 'zod/mini';
import { administratorRead } from '../../shared/contracts/administrator-reads.ts';
import { contract } from '../../shared/contracts/contract.ts';
import type { Clock } from '../process/clock.ts';
import { newId } from '../process/ids.ts';
import { defineService } from '../process/service.ts';
import { startServices, type TestServices } from '../testing/start-services.ts';
import type { Caller } from './envelope.ts';
import { AppError } from './errors.ts';

const read = { result: z.object({}), errors: ['user_not_found'], idempotent: 'read' } as const;
const library = contract('library', {
  actions: {
    books: {
      ...read,
      summary: 'Books',
      permission: ['ADMIN'],
      params: z.object({
        q: z.optional(z.string()),
        apiToken: z.optional(z.string()),
        limit: z.optional(z.int()),
        cursor: z.optional(z.string()),
      }),
    },
    book: { ...read, summary: 'A book', permission: ['ADMIN'], params: z.object({ id: z.string() }) },
    shelf: { ...read, summary: 'Shelf', permission: 'signed-in', params: z.object({}), recorded: true },
    hours: { ...read, summary: 'Hours', permission: ['ADMIN'], params: z.object({}), recorded: false },
  },
  events: { administratorRead },
});
const service = defineService<typeof library, z.ZodMiniObject>({
  contract: library,
  config: z.object({}),
  database: { env: 'LIBRARY_URL', migrations: new URL('../events/no-migrations/', import.meta.url) },
  actions: {
    books: async () => ({}),
    book: async (_service, { params }) => {
      if (params.id === 'none') throw new AppError('user_not_found');
      return {};
    },
    shelf: async () => ({}),
    hours: async () => ({}),
  },
});

let app: TestServices;
let nowMs = Date.now();
const clock: Clock = {
  now: () => new Date(nowMs),
  nowMs: () => nowMs,
  iso: () => new Date(nowMs).toISOString(),
};
const callerOf = (role: Caller['role']): Caller => ({
  userId: newId('user', 1),
  role,
  sessionId: newId('session', 1),
});
let ada: Caller;
beforeAll(async () => {
  app = await startServices([service], { clock });
});
afterAll(() => app.stop());
beforeEach(async () => {
  ada = callerOf('ADMIN');
  await app.service('library').db.query('delete from outbox');
  await app.service('library').db.query('delete from published_events');
});

type Row = { payload: string; origin: string; request_id: string };
/** Events that wait and those that the relay has published meanwhile. */
const recorded = async () => {
  const rows = await app.service('library').db.query<Row>(
    `select payload, origin, request_id from outbox union all
       select payload, origin, request_id from published_events`,
  );
  return rows.map((row) => ({ ...row, ...(JSON.parse(row.payload) as { id: string; query: object }) }));
};
const { actions } = library;

it('an administrator’s read is recorded with its search, from where, and without secrets', async () => {
  const params = { q: 'vic 4242 4242 4242 4242', apiToken: 'x', limit: 5 };
  await app.call(actions.books, params, { as: ada, requestId: 'req-7', address: '192.0.2.7' });
  const [event, ...others] = await recorded();
  expect(others).toEqual([]);
  expect(event).toMatchObject({
    request_id: 'req-7',
    action: 'library.books',
    id: null,
    query: { q: '[removed]', apiToken: '[removed]' },
  });
  expect(JSON.parse(event?.origin ?? '')).toMatchObject({ caller: ada, address: '192.0.2.7' });
});

it('further pages and repetitions are no other read for a minute; another search or session is', async () => {
  const find = (params: object, as = ada) => app.call(actions.books, params, { as });
  await Promise.all([find({ q: 'a' }), find({ q: 'a', limit: 1 }), find({ q: 'a', cursor: 'x' })]);
  expect(await recorded()).toHaveLength(1);
  await find({ q: 'b' });
  await find({ q: 'a' }, callerOf('ADMIN'));
  expect(await recorded()).toHaveLength(3);
  nowMs += 60_000;
  await find({ q: 'a', cursor: 'y' });
  expect(await recorded()).toHaveLength(4);
});

it('a read of one thing names it; what was not found was not read', async () => {
  await app.call(actions.book, { id: 'usr_1' }, { as: ada });
  await expect(app.call(actions.book, { id: 'none' }, { as: ada })).rejects.toMatchObject({
    code: 'user_not_found',
  });
  expect((await recorded()).map(({ id }) => id)).toEqual(['usr_1']);
});

it('others’ reads are not recorded, nor those that the contract excepts', async () => {
  await app.call(actions.shelf, {}, { as: callerOf('CUSTOMER') });
  await app.call(actions.hours, {}, { as: ada });
  expect(await recorded()).toEqual([]);
  await app.call(actions.shelf, {}, { as: ada });
  expect(await recorded()).toHaveLength(1);
});

it('a read is refused when it cannot be recorded, and recorded when it is repeated', async () => {
  const { db } = app.service('library');
  await db.query('alter table outbox rename to outbox_away');
  await expect(app.call(actions.books, { q: 'c' }, { as: ada })).rejects.toThrow();
  await db.query('alter table outbox_away rename to outbox');
  await app.call(actions.books, { q: 'c' }, { as: ada });
  expect(await recorded()).toHaveLength(1);
});
