import { Agent, request } from 'node:http';

/** A client of the HTTP API on kept-alive connections; `at` says which of its gateways is asked. */
export type Answer = {
  status: number;
  body: Record<string, unknown>;
  text: string;
  replayed: boolean;
  retryAfter: string | null;
  /** Set-Cookie values. */
  cookies: readonly string[];
};
export type Api = {
  ask(method: string, path: string, body?: object, at?: number): Promise<Answer>;
  post(path: string, body?: object, headers?: Record<string, string>, at?: number): Promise<Answer>;
  get(path: string, at?: number): Promise<Answer>;
  /** The same gateways, asked with another access token. */
  as(accessToken: string): Api;
};

export const PASSWORD = 'TestPassword123!';
const LIMIT_MS = 15_000;
const RETRY_MS = 100;
const RETRY_LIMIT_MS = 40_000;

const send = (
  agent: Agent,
  url: string,
  method: string,
  body: object | undefined,
  headers: Record<string, string>,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const outgoing = request(url, {
      agent,
      method,
      timeout: LIMIT_MS,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer')));
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const answer = Buffer.concat(parts).toString();
        resolve({
          status: incoming.statusCode ?? 0,
          text: answer,
          body: answer.startsWith('{') ? (JSON.parse(answer) as Record<string, unknown>) : {},
          replayed: incoming.headers['idempotent-replayed'] === 'true',
          retryAfter: incoming.headers['retry-after'] ?? null,
          cookies: incoming.headers['set-cookie'] ?? [],
        });
      });
    });
    outgoing.end(text);
  });

export const oneOf = (urls: readonly string[], at: number): string => urls[at % urls.length] ?? '';

/** A client that nobody knows. */
export const stranger = (
  urls: readonly string[],
  authorization?: string,
  agent = new Agent({ keepAlive: true, maxSockets: 128 }),
): Api => {
  const who: Record<string, string> = authorization ? { authorization } : {};
  return {
    ask: (method, path, body, at = 0) => send(agent, oneOf(urls, at) + path, method, body, who),
    post: (path, payload, headers, at = 0) =>
      send(agent, oneOf(urls, at) + path, 'POST', payload ?? {}, { ...who, ...headers }),
    get: (path, at = 0) => send(agent, oneOf(urls, at) + path, 'GET', undefined, who),
    as: (accessToken) => stranger(urls, `Bearer ${accessToken}`, agent),
  };
};

/** Signs a demo account in for tokens, at the first of these gateways. */
export const signIn = async (urls: readonly string[], email = 'customer@example.com'): Promise<Api> => {
  const { status, body, text } = await stranger(urls).post('/api/auth/tokens', { email, password: PASSWORD });
  if (status !== 200) throw new Error(`sign-in answered ${status}: ${text}`);
  return stranger(urls, `Bearer ${String(body['accessToken'])}`);
};

/** What came of a request that was tried until it was answered. */
export type Insisted = {
  answer: Answer;
  tries: number;
  /** How the tries before the last one ended: a status, or the code of a connection error. */
  before: (number | string)[];
  /** Of the tries before, those that were no 503 with a Retry-After and no lost connection. */
  rude: string[];
  startedMs: number;
  endedMs: number;
};

const isPolite = ({ status, retryAfter }: Answer): boolean =>
  status === 409 || status === 504 || (status === 503 && retryAfter !== null);

/**
 * Tries with the same key until there is an answer, as a good client does: at once at another gateway when a
 * connection was lost, after a moment when it was told to wait.
 * @param ask asks the gateway of this number, the first of which is `first`
 */
export const insist = async (ask: (at: number) => Promise<Answer>, first = 0): Promise<Insisted> => {
  const startedMs = Date.now();
  const before: (number | string)[] = [];
  const rude: string[] = [];
  for (let tries = 1; ; tries++) {
    const answer = await ask(first + tries - 1).catch((error: NodeJS.ErrnoException) => {
      before.push(error.code ?? error.message);
      return null;
    });
    const endedMs = Date.now();
    if (answer && answer.status < 500 && answer.status !== 409)
      return { answer, tries, before, rude, startedMs, endedMs };
    if (answer) before.push(answer.status);
    if (answer && !isPolite(answer)) rude.push(`${answer.status} ${answer.text.slice(0, 200)}`);
    if (endedMs - startedMs > RETRY_LIMIT_MS)
      throw new Error(`no answer after ${tries} tries: ${[...new Set(before)].join(', ')}`);
    if (answer) await sleep(RETRY_MS);
    else if (tries > 1) await sleep(RETRY_MS / 2);
  }
};

export const payment = (
  amountMinor: number,
  paymentMethod = 'pm_card_visa',
  email = 'vendor@example.com',
) => ({
  payee: { email },
  amountMinor,
  currency: 'EUR',
  paymentMethod,
});

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until it is so; @throws Error that names what was waited for. */
export const until = async (
  what: string,
  limitMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<number> => {
  const startedMs = Date.now();
  while (!(await isSo())) {
    if (Date.now() - startedMs > limitMs) throw new Error(`${what}: not within ${limitMs} ms`);
    await sleep(20);
  }
  return Date.now() - startedMs;
};

/** Runs `count` tasks, `width` of them at a time. */
export const inParallel = async (count: number, width: number, task: (index: number) => Promise<void>) => {
  let next = 0;
  const lane = async () => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: width }, lane));
};

/** A repeatable stream of numbers in [0, 1) (mulberry32, public domain). */
export const seeded = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
};
