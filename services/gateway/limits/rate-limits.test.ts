import { addressBlock } from '../http/address.ts';
import { startGateway, type Reply } from '../testing/start-gateway.ts';

const wrong = (email: string) => ({ json: { email, password: 'wrong' } });

test('sign-in is limited by account, with the e-mail address normalized', async () => {
  const { ask, services } = await startGateway({
    env: { GATEWAY_LIMITS: '{"auth.login":{"perAccountPerMinute":2}}' },
  });
  try {
    const statuses = [];
    const same = ['ada@bücher.example', ' ADA@xn--bcher-kva.EXAMPLE', 'ada@BÜCHER.example'];
    for (const email of [
      'ada@example.com',
      ' ADA@example.com',
      'ada@example.com',
      'bob@example.com',
      ...same,
    ]) {
      statuses.push((await ask('POST /api/auth/login', wrong(email))).status);
    }
    expect(statuses).toEqual([401, 401, 429, 401, 401, 401, 429]);
    const refused = await ask('POST /api/auth/login', wrong('ada@example.com'));
    expect(refused.problem().code).toBe('rate_limited');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  } finally {
    await services.stop();
  }
});

test('each signed-in account is counted separately', async () => {
  const { ask, services, sign } = await startGateway();
  try {
    const rename = async (token: string) =>
      (
        await ask('POST /api/things/1/name', {
          headers: { authorization: `Bearer ${token}` },
          json: { name: 'x' },
        })
      ).status;
    const [first, second] = [await sign(), await sign()];
    const statuses = [];
    for (const token of [first, first, first, first, second]) statuses.push(await rename(token));
    expect(statuses).toEqual([200, 200, 200, 429, 200]);
  } finally {
    await services.stop();
  }
});

test('X-Forwarded-For is read only behind trusted proxies, from its end', async () => {
  const env = { TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.1' };
  const [open, proxied] = [await startGateway(), await startGateway({ env })];
  try {
    const hook = async ({ ask }: typeof open, forwarded: string) =>
      (await ask('POST /api/hook', { headers: { 'x-forwarded-for': forwarded }, body: 'x' })).status;
    const spoofed = [];
    for (let index = 0; index < 6; index++) spoofed.push(await hook(open, `1.2.3.${index}`));
    expect(spoofed).toEqual([200, 200, 200, 200, 200, 429]);
    for (let index = 0; index < 5; index++)
      expect(await hook(proxied, `9.9.9.${index}, 1.2.3.4, 10.0.0.1`)).toBe(200);
    expect(await hook(proxied, '7.7.7.7, 1.2.3.4')).toBe(429);
    expect(await hook(proxied, '1.2.3.4, 7.7.7.7')).toBe(200);
    expect(await hook(proxied, 'nonsense')).toBe(200);
  } finally {
    await open.services.stop();
    await proxied.services.stop();
  }
});

/** The number that a structured field gives for a parameter of one of its items. */
const given = (field: string | string[] | undefined, item: string, parameter: string): number =>
  Number(new RegExp(`"${item}"[^,]*;${parameter}=(\\d+)`).exec(String(field))?.[1]);

test('every answer says what is left of the limits, a refusal too', async () => {
  const limits = { 'things.get': { perAccountPerMinute: 3, perAddressPerMinute: 9 } };
  const { ask, services, sign } = await startGateway({ env: { GATEWAY_LIMITS: JSON.stringify(limits) } });
  try {
    const headers = { authorization: `Bearer ${await sign()}` };
    const replies: Reply[] = [];
    for (let index = 0; index < 4; index++) replies.push(await ask('GET /api/things/1', { headers }));
    const policy = '"address";q=9;w=60, "account";q=3;w=60';
    expect(replies.map((reply) => reply.headers['ratelimit-policy'])).toEqual(Array(4).fill(policy));
    const left = (item: string) => replies.map((reply) => given(reply.headers['ratelimit'], item, 'r'));
    expect([left('address'), left('account')]).toEqual([
      [8, 7, 6, 5],
      [2, 1, 0, 0],
    ]);
    for (const { headers: sent } of replies) {
      expect(given(sent['ratelimit'], 'account', 't')).toBeGreaterThan(0);
      expect(given(sent['ratelimit'], 'account', 't')).toBeLessThanOrEqual(60);
    }
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    const wait = Number(replies[3]?.headers['retry-after']);
    expect(wait).toBe(given(replies[3]?.headers['ratelimit'], 'account', 't'));
    const unsigned = await ask('GET /api/things/1');
    expect([unsigned.status, unsigned.headers['ratelimit-policy']]).toEqual([401, '"address";q=9;w=60']);
    expect((await ask('GET /api/fail/internal')).headers['ratelimit']).toMatch(/^"address";r=\d+;t=\d+$/);
  } finally {
    await services.stop();
  }
});

test('a request with a costly param counts as several, however its name is written', async () => {
  const limits = { 'things.get': { perAccountPerMinute: 25, perAddressPerMinute: 0 } };
  const { ask, services, sign } = await startGateway({ env: { GATEWAY_LIMITS: JSON.stringify(limits) } });
  try {
    const headers = { authorization: `Bearer ${await sign()}` };
    const left = async (path: string) =>
      given((await ask(`GET /api/things/1${path}`, { headers })).headers['ratelimit'], 'account', 'r');
    expect([await left('?q=a'), await left(''), await left('?%71=a')]).toEqual([15, 14, 4]);
    expect((await ask('GET /api/things/1?q=a', { headers })).status).toBe(429);
  } finally {
    await services.stop();
  }
});

test('documents and pages are limited by address, health is not', async () => {
  const limits = {
    'gateway.documents': { perAddressPerMinute: 2 },
    'gateway.files': { perAddressPerMinute: 2 },
  };
  const { ask, services } = await startGateway({ env: { GATEWAY_LIMITS: JSON.stringify(limits) } });
  try {
    const statuses = async (path: string) => {
      const seen = [];
      for (let index = 0; index < 3; index++) seen.push((await ask(`GET ${path}`)).status);
      return seen;
    };
    expect(await statuses('/api/openapi.json')).toEqual([200, 200, 429]);
    expect(await statuses('/api/docs')).toEqual([429, 429, 429]);
    expect((await statuses('/')).at(-1)).toBe(429);
    expect(await statuses('/health/live')).toEqual([200, 200, 200]);
    expect(await statuses('/health/ready')).toEqual([200, 200, 200]);
  } finally {
    await services.stop();
  }
});

test('one setting switches all limits off', async () => {
  const { ask, services } = await startGateway({ env: { GATEWAY_LIMITS_OFF: 'true' } });
  try {
    const statuses = new Set<number>();
    for (let index = 0; index < 12; index++)
      statuses.add((await ask('POST /api/hook', { body: 'x' })).status);
    expect([...statuses]).toEqual([200]);
    expect((await ask('POST /api/hook', { body: 'x' })).headers['ratelimit']).toBeUndefined();
  } finally {
    await services.stop();
  }
});

test('an IPv6 /64 counts as one address', () => {
  expect(addressBlock('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(addressBlock('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect(addressBlock('::1')).toBe('0:0:0:0::/64');
  expect(addressBlock('192.0.2.1')).toBe('192.0.2.1');
});
