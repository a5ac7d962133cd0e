import type { User } from '../../contracts/auth/auth.ts';
import { createKeptAnswers } from './kept-answers.ts';
import type { Records, Transact } from './kept-records.ts';

const DAY_MS = 24 * 60 * 60_000;
const LIST = 'payments.list';
const GET = 'payments.get';

/** A browser with two users, whose database is a map; `null` where there is none. */
const openBrowser = () => {
  const now = { ms: 0, session: 's1', user: { id: 'ada', role: 'CUSTOMER' } as unknown as User | null };
  let database: Map<string, unknown> | null = null;
  let opens = 0;
  const transact: Transact = async (work, create = false) => {
    opens += 1;
    if (create) database ??= new Map();
    const map = database;
    if (map === null) throw new Error('there is no database');
    const records: Records = {
      get: async (key) => map.get(key),
      put: async (key, value) => map.set(key, structuredClone(value)),
      remove: async (key) => map.delete(key),
      entries: async () => [...map],
      clear: async () => map.clear(),
    };
    return work(records);
  };
  const kept = createKeptAnswers({
    transact,
    nowMs: () => now.ms,
    session: () => now.session,
    user: () => now.user,
  });
  const answer = (action: string, params: object, result: unknown) => ({
    action,
    params,
    result,
    atMs: now.ms,
  });
  return {
    now,
    keep: (action: string, params: object, result: unknown) => kept.keep(answer(action, params, result)),
    found: async (action: string, params: object = {}) =>
      (await kept.find({ action, params }).catch(() => undefined))?.result,
    become: (id: string | null, role = 'CUSTOMER') => {
      now.user = id === null ? null : ({ id, role } as User);
    },
    erase: () => (database = null),
    opens: () => opens,
    /** Everything in the database as text; keys show nothing. */
    raw: () => {
      const texts = [...(database ?? [])].map(([key, value]) => {
        const { data } = value as { data?: ArrayBuffer };
        return key + JSON.stringify(value) + Buffer.from(data ?? new ArrayBuffer()).toString('latin1');
      });
      return texts.join('\n');
    },
    size: () => database?.size ?? 0,
  };
};

describe('kept answers', () => {
  it('are found by action and params, in any order of these', async () => {
    const { keep, found } = openBrowser();
    await keep(LIST, { status: 'failed', sort: 'newest', cursor: undefined }, { items: [1] });
    await keep(GET, { id: 'pay_1' }, { amountMinor: 5 });
    expect(await found(LIST, { sort: 'newest', status: 'failed' })).toEqual({ items: [1] });
    expect(await found(LIST, { sort: 'newest' })).toBeUndefined();
    expect(await found(GET, { id: 'pay_1' })).toEqual({ amountMinor: 5 });
  });

  it('are in the database without a readable word, neither of params nor of results', async () => {
    const { keep, raw } = openBrowser();
    await keep(LIST, { payee: 'usr_secret' }, { items: ['rent for May', 'bob@example.com'] });
    expect(raw()).toContain(LIST);
    expect(raw()).not.toMatch(/usr_secret|rent|bob@/);
  });

  it('are of the listed actions only, and of lists no search and no later page', async () => {
    const { keep, opens } = openBrowser();
    await keep('auth.sessions', {}, { items: [] });
    await keep(LIST, { q: 'rent' }, { items: [] });
    await keep(LIST, { cursor: 'c' }, { items: [] });
    await keep(LIST, {}, { items: ['x'.repeat(200_000)] });
    expect(opens()).toBe(0);
  });

  it('are never those of an administrator', async () => {
    const { keep, become, opens } = openBrowser();
    become('root', 'ADMIN');
    await keep(LIST, {}, { items: [] });
    await keep('auth.me', {}, { id: 'root', role: 'ADMIN' });
    expect(opens()).toBe(0);
  });

  it('are limited in number: the oldest of an action go first', async () => {
    const { keep, found, now, size } = openBrowser();
    for (let n = 0; n < 40; n++) {
      now.ms = n;
      await keep(GET, { id: n }, n);
    }
    expect(await found(GET, { id: 9 })).toBeUndefined();
    expect(await found(GET, { id: 10 })).toBe(10);
    expect(size()).toBe(31);
  });
});

describe('the key of kept answers', () => {
  it('opens nothing for another user, and goes when that one reads something', async () => {
    const { keep, found, become } = openBrowser();
    await keep(GET, { id: 1 }, 'of ada');
    become('bob');
    expect(await found(GET, { id: 1 })).toBeUndefined();
    await keep(GET, { id: 2 }, 'of bob');
    become('ada');
    expect(await found(GET, { id: 1 })).toBeUndefined();
  });

  it('is of one session of the same user', async () => {
    const { keep, found, now } = openBrowser();
    await keep(GET, { id: 1 }, 'of the first session');
    now.session = 's2';
    expect(await found(GET, { id: 1 })).toBeUndefined();
    await keep(GET, { id: 2 }, 'of the second');
    now.session = 's1';
    expect(await found(GET, { id: 1 })).toBeUndefined();
  });

  it('is not made again by an answer that comes after the end of the session', async () => {
    const { keep, become, erase, size } = openBrowser();
    await keep(GET, { id: 1 }, 'before');
    const late = keep(GET, { id: 2 }, 'late');
    become(null);
    erase();
    await late.catch(() => {});
    expect(size()).toBe(0);
  });

  it('is of no use once the session can only be over, and is deleted when that is noticed', async () => {
    const { keep, found, now, size } = openBrowser();
    await keep(GET, { id: 1 }, 'old');
    now.ms = 29 * DAY_MS;
    expect(await found(GET, { id: 1 })).toBe('old');
    await keep('auth.me', {}, { id: 'ada' });
    now.ms = 30 * DAY_MS;
    expect(await found(GET, { id: 1 })).toBeUndefined();
    expect(size()).toBe(0);
  });
});

describe('a start without a network', () => {
  it('shows who was signed in, and to nobody what that user has read', async () => {
    const { keep, found, become } = openBrowser();
    await keep('auth.me', {}, { id: 'ada', role: 'CUSTOMER' });
    await keep(GET, { id: 1 }, 'of ada');
    become(null);
    expect(await found('auth.me')).toEqual({ id: 'ada', role: 'CUSTOMER' });
    expect(await found(GET, { id: 1 })).toBeUndefined();
  });
});
