import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CookieAge } from '../cookie-changes.ts';

type State = 'valid' | 'expired' | 'ended';

/** Signs in and out, refreshes, and answers who is signed in; one cookie stands for both tokens. */
export type SessionServer = {
  origin: string;
  /** All access tokens have expired. */
  expireAll(): void;
  refuseRefreshes(): void;
  /** Holds the answer to the next such request (`POST /api/auth/login`) until the result is called. */
  hold(line: string): () => void;
  /** How many such requests have arrived. */
  arrived(line: string): number;
  /** The users who have made a payment. */
  payers: string[];
  close(): Promise<unknown>;
};

const TOKEN = /^token=(.*)$/;

export const startSessionServer = async (): Promise<SessionServer> => {
  const sessions = new Map<string, { email: string; state: State }>();
  const held = new Map<string, Promise<void>>();
  const lines: string[] = [];
  const payers: string[] = [];
  let refreshesRefused = false;

  const start = (email: string): string => {
    const token = `${email}-${sessions.size}`;
    sessions.set(token, { email, state: 'valid' });
    return `token=${token}`;
  };
  const decide = (line: string, token: string, body: string) => {
    const known = sessions.get(token);
    if (line === 'POST /api/auth/login')
      return { status: 200, cookie: start((JSON.parse(body) as { email: string }).email) };
    if (known === undefined) return { status: 401, code: 'unauthenticated' };
    const { email, state } = known;
    if (line === 'POST /api/auth/refresh') {
      if (refreshesRefused || state === 'ended') return { status: 401, code: 'session_ended' };
      return { status: 200, cookie: start(email) };
    }
    if (state !== 'valid')
      return { status: 401, code: state === 'ended' ? 'session_ended' : 'token_expired' };
    if (line === 'POST /api/auth/logout') {
      known.state = 'ended';
      return { status: 204, cookie: 'token=' };
    }
    if (line === 'POST /api/payments') payers.push(email);
    return { status: 200, user: { id: email, email } };
  };

  const server = createServer(async (request, response) => {
    const line = `${request.method} ${request.url}`;
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
    const token = TOKEN.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const { status, cookie, code, user } = decide(line, token, body) as {
      status: number;
      cookie?: string;
      code?: string;
      user?: object;
    };
    lines.push(line);
    const wait = held.get(line);
    held.delete(line);
    await wait;
    if (cookie !== undefined) response.setHeader('set-cookie', cookie);
    response.writeHead(status, { 'content-type': 'application/json' });
    const problem = { type: 'about:blank', title: code, status, code, detail: code, requestId: '' };
    response.end(status === 204 ? undefined : JSON.stringify(code === undefined ? (user ?? {}) : problem));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    expireAll: () => sessions.forEach((session) => (session.state = 'expired')),
    refuseRefreshes: () => (refreshesRefused = true),
    hold: (line) => {
      let release = (): void => {};
      held.set(line, new Promise((resolve) => (release = resolve)));
      return release;
    },
    arrived: (line) => lines.filter((one) => one === line).length,
    payers,
    close: () => new Promise((closed) => server.close(closed)),
  };
};

/** What the tabs of one browser share: a jar of cookies, which takes those of each answer, and a storage. */
export const createBrowser = (): { fetch: typeof fetch; age(): CookieAge } => {
  let cookie = '';
  let stored = '';
  return {
    fetch: async (input, init) => {
      const headers = { ...(init?.headers as Record<string, string>), cookie };
      const response = await fetch(input, { ...init, headers });
      [cookie = cookie] = response.headers.getSetCookie();
      return response;
    },
    age: () => ({ read: () => stored, write: (value) => (stored = value) }),
  };
};
