import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { auth } from '../contracts/auth/auth.ts';
import { payments } from '../contracts/payments.ts';
import { createClient } from './client.ts';
import { createCookieChanges } from './cookie-changes.ts';
import { hasCode } from './problem.ts';

import { eventually } from './testing/tabs.ts';

/** What the server holds for valid, and what it was asked. */
const fresh = () => ({
  token: 1,
  refreshes: 0,
  lists: 0,
  ended: false,
  onRefresh: () => {},
  /** What the answer to the second list waits for, once it is decided. */
  second: Promise.resolve(),
});
const state = fresh();
let server: Server;
let origin: string;

const codeFor = (line: string, cookie: string): string | null => {
  if (line === 'POST /api/auth/login') return null;
  if (state.ended) return 'session_ended';
  return line.includes('refresh') || cookie === `token=${state.token}` ? null : 'token_expired';
};

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    const { cookie = '' } = request.headers;
    await new Promise((turn) => setTimeout(turn, 5 * Math.random()));
    if (line.includes('refresh')) state.refreshes += 1;
    else if (!line.includes('login')) state.lists += 1;
    const code = codeFor(line, cookie);
    if (state.lists === 2) await state.second;
    if (code !== null) {
      const problem = { type: 'about:blank', title: code, status: 401, code, detail: code, requestId: '' };
      response.writeHead(401, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(problem));
      return;
    }
    const granted = state.token;
    if (line.includes('refresh')) state.onRefresh();
    response.writeHead(200, { 'content-type': 'application/json', 'x-token': String(granted) });
    response.end('{"items":[]}');
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise<unknown>((closed) => server.close(closed)));
beforeEach(() => Object.assign(state, fresh()));

/** Tabs of one browser: one jar of cookies, one storage, one set of locks; `lateMs` until a note is seen. */
const browser = ({ lateMs = 0, locks = navigator.locks as LockManager | null } = {}) => {
  const jar = { token: 1 };
  const noted = { value: '' };
  const signedOut = { times: 0 };
  const fetchWithJar: typeof fetch = async (input, init) => {
    const headers = { ...(init?.headers as Record<string, string>), cookie: `token=${jar.token}` };
    const response = await fetch(input, { ...init, headers });
    const isSession = /refresh|login/.test(String(input));
    if (isSession && response.ok) jar.token = Number(response.headers.get('x-token'));
    return response;
  };
  const tab = () => {
    let own: string | undefined;
    return createClient({
      fetch: fetchWithJar,
      origin,
      locks,
      onSignedOut: () => (signedOut.times += 1),
      age: {
        read: () => own ?? noted.value,
        write: (value) => {
          own = value;
          setTimeout(() => (noted.value = value), lateMs);
        },
      },
    });
  };
  return { tab, signedOut, noted };
};
const tabsOf = ({ tab }: Pick<ReturnType<typeof browser>, 'tab'>, count: number) =>
  Array.from({ length: count }, tab);
const list = (client: ReturnType<typeof createClient>) => client.call(payments.actions.list, {});

describe('ten tabs whose token runs out at the same moment', () => {
  it.each([
    ['see the note of the new cookies at once', 0],
    ['see the note late', 50],
  ])('refresh once when they %s', async (_, lateMs) => {
    for (let round = 1; round <= 5; round++) {
      const { tab, signedOut } = browser({ lateMs });
      state.token = 2;
      state.refreshes = 0;
      const answers = await Promise.all(tabsOf({ tab }, 10).map(list));
      expect(answers).toHaveLength(10);
      expect(state.refreshes).toBe(1);
      expect(signedOut.times).toBe(0);
    }
  });

  it('are not signed out where the browser knows no locks', async () => {
    const { tab, signedOut } = browser({ locks: null });
    state.token = 2;
    await Promise.all(tabsOf({ tab }, 10).map(list));
    expect(state.refreshes).toBeGreaterThanOrEqual(1);
    expect(signedOut.times).toBe(0);
  });
});

describe('a call that is refused', () => {
  it('again after the refresh is worth a second one: rights may have changed meanwhile', async () => {
    const { tab, signedOut } = browser();
    state.token = 2;
    state.onRefresh = () => {
      state.onRefresh = () => {};
      state.token = 3;
    };
    await list(tab());
    expect(state.refreshes).toBe(2);
    expect(signedOut.times).toBe(0);
  });

  it('forever is given up after two, and signs no user out', async () => {
    const { tab, signedOut } = browser();
    state.token = 2;
    state.onRefresh = () => (state.token += 1);
    const error = await list(tab()).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'token_expired')).toBe(true);
    expect([state.refreshes, state.lists]).toEqual([2, 3]);
    expect(signedOut.times).toBe(0);
  });

  it('because the session has ended asks once more and refreshes nothing', async () => {
    const { tab, signedOut } = browser();
    state.ended = true;
    const error = await list(tab()).catch((thrown: unknown) => thrown);
    expect(hasCode(error, 'session_ended')).toBe(true);
    expect([state.refreshes, state.lists, signedOut.times]).toEqual([0, 2, 1]);
  });

  it('with cookies from before a sign-in in another tab ends nothing', async () => {
    const own = browser();
    const [first, other] = tabsOf(own, 2);
    state.token = 2;
    state.ended = true;
    let answer = (): void => {};
    state.second = new Promise((resolve) => (answer = resolve));
    const refused = list(first!);
    await eventually(() => state.lists === 2);
    // Its refusal is on its way when the cookies become new.
    state.second = Promise.resolve();
    await other!.call(auth.actions.login, { email: 'a@b.example', password: 'x' });
    await eventually(() => own.noted.value !== '');
    state.ended = false;
    answer();
    await refused;
    expect(own.signedOut.times).toBe(0);
  });
});

it('does not wait for ever for a tab that was frozen in the middle of a change', async () => {
  let thaw = (): void => {};
  let frozen: Promise<unknown> = Promise.resolve();
  await new Promise<void>((held) => {
    const hold = (): Promise<void> => (held(), new Promise((end) => (thaw = end)));
    frozen = navigator.locks.request('payloom-refresh', hold);
  });
  let sent = 0;
  const { refresh, inTurn } = createCookieChanges({
    refresh: async () => (sent += 1),
    age: { read: () => 'old', write: () => {} },
    locks: navigator.locks,
    limitMs: 30,
  });
  await refresh('old', false);
  expect(sent).toBe(0);
  await refresh('old', true);
  expect(sent).toBe(1);
  expect(await inTurn(async () => 'signed in')).toBe('signed in');
  thaw();
  await frozen;
});
