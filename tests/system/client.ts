import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as requestOverTls } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** A response of the HTTP API. `body` is {} unless it is a JSON object. */
export type Answer = {
  status: number;
  body: Record<string, unknown>;
  text: string;
  replayed: boolean;
  retryAfter: string | null;
  /** Set-Cookie values. */
  cookies: readonly string[];
};

/** A client of the HTTP API on keep-alive connections; `at` chooses the gateway, modulo their number. */
export type Api = {
  send(method: string, path: string, body?: object, at?: number): Promise<Answer>;
  post(path: string, body?: object, headers?: Record<string, string>, at?: number): Promise<Answer>;
  get(path: string, at?: number): Promise<Answer>;
  /** The same gateways with another access token. */
  as(accessToken: string): Api;
};

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
    const open = url.startsWith('https:') ? requestOverTls : request;
    const outgoing = open(url, {
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

/** The URL at an index, modulo their number. */
export const oneOf = (urls: readonly string[], at: number): string => urls[at % urls.length] ?? '';

const CONNECTIONS = { keepAlive: true, maxSockets: 128 };
const agentFor = ([url = '']: readonly string[]): Agent =>
  url.startsWith('https:') ? new TlsAgent(CONNECTIONS) : new Agent(CONNECTIONS);

/**
 * A client of these gateways, or of nginx in front of them, without credentials unless an Authorization
 * header is given.
 */
export const clientOf = (urls: readonly string[], authorization?: string, agent = agentFor(urls)): Api => {
  const credentials: Record<string, string> = authorization ? { authorization } : {};
  return {
    send: (method, path, body, at = 0) => send(agent, oneOf(urls, at) + path, method, body, credentials),
    post: (path, payload, headers, at = 0) =>
      send(agent, oneOf(urls, at) + path, 'POST', payload ?? {}, { ...credentials, ...headers }),
    get: (path, at = 0) => send(agent, oneOf(urls, at) + path, 'GET', undefined, credentials),
    as: (accessToken) => clientOf(urls, `Bearer ${accessToken}`, agent),
  };
};

/** The outcome of a request that was repeated until it was answered. */
export type Retried = {
  answer: Answer;
  tries: number;
  /** How the earlier tries ended: a status, or the code of a connection error. */
  before: (number | string)[];
  /** The first error response, with the time at which it came. */
  firstError: string | null;
  /** Earlier error responses other than 409, 504 and 503 with Retry-After. */
  unexpected: string[];
  startedMs: number;
  endedMs: number;
};

const isRetryable = ({ status, retryAfter }: Answer): boolean =>
  status === 409 || status === 504 || (status === 503 && retryAfter !== null);

/**
 * Repeats a request until it is answered: at the next gateway at once when a connection was lost, after a
 * pause when the response was 409 or 5xx.
 * @param sendTo sends the request to the gateway of this number; the first is `first`
 * @throws Error after 40 s
 */
export const retry = async (sendTo: (at: number) => Promise<Answer>, first = 0): Promise<Retried> => {
  const startedMs = Date.now();
  const before: (number | string)[] = [];
  const unexpected: string[] = [];
  let firstError: string | null = null;
  for (let tries = 1; ; tries++) {
    const answer = await sendTo(first + tries - 1).catch((error: NodeJS.ErrnoException) => {
      before.push(error.code ?? error.message);
      return null;
    });
    const endedMs = Date.now();
    if (answer && answer.status < 500 && answer.status !== 409)
      return { answer, tries, before, firstError, unexpected, startedMs, endedMs };
    if (answer) {
      before.push(answer.status);
      firstError ??= `${new Date(endedMs).toISOString()} ${answer.text.slice(0, 200)}`;
    }
    if (answer && !isRetryable(answer)) unexpected.push(`${answer.status} ${answer.text.slice(0, 200)}`);
    if (endedMs - startedMs > RETRY_LIMIT_MS)
      throw new Error(`no answer after ${tries} tries: ${[...new Set(before)].join(', ')}`);
    if (answer) await sleep(RETRY_MS);
    else if (tries > 1) await sleep(RETRY_MS / 2);
  }
};
