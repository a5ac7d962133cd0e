import { Agent, request } from 'node:http';

/** A client of the HTTP API on kept-alive connections. */
export type Answer = { status: number; body: Record<string, unknown>; text: string; replayed: boolean };
export type Api = {
  post(path: string, body?: object, headers?: Record<string, string>): Promise<Answer>;
  get(path: string): Promise<Answer>;
};

const PASSWORD = 'TestPassword123!';
const LIMIT_MS = 15_000;

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
        });
      });
    });
    outgoing.end(text);
  });

/** Signs a demo account in for tokens. */
export const signIn = async (base: string, email = 'customer@example.com'): Promise<Api> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const { status, body, text } = await send(
    agent,
    `${base}/api/auth/tokens`,
    'POST',
    { email, password: PASSWORD },
    {},
  );
  if (status !== 200) throw new Error(`sign-in answered ${status}: ${text}`);
  const authorization = `Bearer ${String(body['accessToken'])}`;
  return {
    post: (path, payload, headers) =>
      send(agent, base + path, 'POST', payload ?? {}, { authorization, ...headers }),
    get: (path) => send(agent, base + path, 'GET', undefined, { authorization }),
  };
};

export const payment = (amountMinor: number, paymentMethod = 'pm_card_visa') => ({
  payee: { email: 'vendor@example.com' },
  amountMinor,
  currency: 'EUR',
  paymentMethod,
});

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

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
