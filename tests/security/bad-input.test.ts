import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { io } from 'socket.io-client';
import * as z from 'zod/mini';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import type { Problem } from '../../shared/contracts/errors.ts';
import { SOCKET_PATH } from '../../shared/contracts/realtime.ts';
import { ROLES } from '../../shared/contracts/roles.ts';
import { ROWS } from './access-rows.ts';
import { ODD, UNSTORABLE } from './bad-values.ts';
import { startWorld, type Person, type World } from './world.ts';

const ACTIONS: Action[] = CONTRACTS.flatMap(({ actions }) => Object.values(actions));
const byHttp = ACTIONS.filter(({ http }) => http !== undefined);
const named = (actions: readonly Action[]) => actions.map((action) => [action.name, action] as const);

const BODIES = [
  '[]',
  'null',
  '"x"',
  '7',
  '{',
  '{"a":1e999}',
  '{"__proto__":{}}',
  '\ufeff{}',
  '{"a":"\u0000"}',
];
const BYTES = [Buffer.from([0x7b, 0xff, 0x7d]), Buffer.from('{"a":"\xe9"}', 'latin1')];
const QUERIES = [
  ['%00', 422],
  ['%ED%A0%80', 422],
  ['%C3', 422],
  ['a&NAME=b', 422],
] as const;
const PATHS = [
  ['%00', 422],
  ['%ED%A0%80', 400],
  ['%', 400],
  ['x', 422],
  ['%20', 422],
  ['..%2f..%2fetc', 422],
  ['9'.repeat(400), 422],
] as const;

let world: World;
const people = {} as Record<(typeof ROLES)[number], Person>;
beforeAll(async () => {
  world = await startWorld();
  for (const role of ROLES) people[role] = await world.register(role);
}, 60_000);
afterAll(() => world?.services.stop());

type Sent = { method: string; path: string; body?: string | Buffer; headers?: Record<string, string> };
type Reply = { status: number; type: string; text: string };

/** Sends a request as it is given: `fetch` would encode its path again. */
const send = async ({ method, path, body, headers = {} }: Sent): Promise<Reply> => {
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const { port } = new URL(world.origin);
  const all = { origin: world.origin, ...json, ...headers };
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers: all }).end(body);
  const [reply] = (await once(outgoing, 'response')) as [IncomingMessage];
  const text = Buffer.concat(await reply.toArray()).toString();
  return { status: reply.statusCode ?? 0, type: reply.headers['content-type'] ?? '', text };
};

/** The problem of a refusal; what is not refused has no problem, and nothing is a 500. */
const problemIn = (sent: Sent, { status, type, text }: Reply): Problem | null => {
  const shown = `${sent.method} ${sent.path} ${String(sent.body)}: ${status} ${text}`;
  if (status >= 500) throw new Error(shown);
  if (status < 400) return null;
  if (!type.startsWith('application/problem+json')) throw new Error(shown);
  return JSON.parse(text) as Problem;
};

/** The headers of a user who may run the action. */
const headersFor = async (action: Action): Promise<Record<string, string>> => {
  const { permission } = action;
  if (permission === 'anyone' || permission === 'services') return {};
  const role = ROLES.find((one) => permission === 'signed-in' || permission.includes(one)) ?? 'ADMIN';
  const { accessToken } = await world.signIn(people[role].email);
  return { authorization: `Bearer ${accessToken}`, 'idempotency-key': `bad-${performance.now()}` };
};

type Shape = { method: string; template: string; inPath: string[]; fields: string[] };

const shapeOf = ({ http, params }: Action): Shape => {
  const [method = '', template = ''] = http!.route.split(' ');
  const inPath = [...template.matchAll(/:(\w+)/g)].map((match) => String(match[1]));
  const schema = z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  // The gateway reads these from cookies.
  const others = http!.session ? [...inPath, 'deviceToken', 'refreshToken'] : inPath;
  const fields = Object.keys(schema.properties ?? {}).filter((name) => !others.includes(name));
  return { method, template, inPath, fields };
};

const pathWith = (template: string, params: Readonly<Record<string, unknown>>): string =>
  template.replaceAll(/:(\w+)/g, (_name, name: string) => String(params[name]));

const without = (params: Readonly<Record<string, unknown>>, names: readonly string[]) =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));

const takesQuery = ({ http }: Action): boolean => /^(GET|DELETE) /.test(http!.route);
const takesJson = (action: Action): boolean => !takesQuery(action) && action.http!.body === undefined;

describe('a body', () => {
  const actions = byHttp.filter((action) => takesJson(action) && action.http!.session !== 'refresh');

  test.each(named(actions.filter((action) => shapeOf(action).fields.length > 0)))(
    'of %s with text that cannot be stored is refused by the name of the field',
    async (name, action) => {
      const { method, template, inPath, fields } = shapeOf(action);
      const headers = await headersFor(action);
      const params = ROWS[name]!.params(world);
      for (const field of fields) {
        for (const [value, deeper] of UNSTORABLE) {
          const body = JSON.stringify({ ...without(params, inPath), [field]: value });
          const sent = { method, path: pathWith(template, params), body, headers };
          const problem = problemIn(sent, await send(sent));
          expect([body, problem?.status]).toEqual([body, 422]);
          expect(problem?.errors?.map(({ path }) => path)).toContain(`${field}${deeper}`);
        }
      }
    },
  );

  test.each(named(actions.filter((action) => shapeOf(action).fields.length > 0)))(
    'of %s with a wrong value is refused as a problem, or taken, and is never a 500',
    async (name, action) => {
      const { method, template, inPath, fields } = shapeOf(action);
      const headers = await headersFor(action);
      const params = ROWS[name]!.params(world);
      for (const field of fields) {
        for (const value of ODD) {
          const body = JSON.stringify({ ...without(params, inPath), [field]: value });
          const sent = { method, path: pathWith(template, params), body, headers };
          const problem = problemIn(sent, await send(sent));
          if (problem) expect(['invalid_params', ...action.errors]).toContain(problem.code);
          if (problem?.code === 'invalid_params')
            expect(problem.errors?.filter(({ path }) => path.split('.')[0] !== field)).toEqual([]);
        }
      }
    },
  );

  test.each(named(actions))('of %s that is no such JSON is a problem', async (name, action) => {
    const { method, template } = shapeOf(action);
    const headers = await headersFor(action);
    for (const body of [...BODIES, ...BYTES]) {
      const sent = { method, path: pathWith(template, ROWS[name]!.params(world)), body, headers };
      const problem = problemIn(sent, await send(sent));
      expect([String(body), problem?.status]).toEqual([
        String(body),
        problem?.code === 'malformed_json' ? 400 : 422,
      ]);
    }
  });
});

describe('a query', () => {
  test.each(named(byHttp.filter((action) => takesQuery(action) && shapeOf(action).fields.length > 0)))(
    'of %s is refused by the name of the field',
    async (name, action) => {
      const { method, template, inPath, fields } = shapeOf(action);
      const headers = await headersFor(action);
      const params = ROWS[name]!.params(world);
      for (const field of fields) {
        const rest = new URLSearchParams(without(params, [...inPath, field]) as Record<string, string>);
        const queryOf = (value: string) => `${pathWith(template, params)}?${field}=${value}&${rest}`;
        for (const [value, status] of QUERIES) {
          const sent = { method, path: queryOf(value.replace('NAME', field)), headers };
          const problem = problemIn(sent, await send(sent));
          expect([sent.path, problem?.status, problem?.errors?.[0]?.path]).toEqual([
            sent.path,
            status,
            field,
          ]);
        }
        for (const value of ODD) {
          const text = encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value));
          const sent = { method, path: queryOf(text), headers };
          const problem = problemIn(sent, await send(sent));
          // A cursor may be any text: what it belongs to is not there.
          if (problem && problem.code !== 'export_not_ready')
            expect(problem.errors?.map((error) => error.path)).toContain(field);
        }
      }
    },
  );
});

describe('a path', () => {
  test.each(named(byHttp.filter((action) => shapeOf(action).inPath.length > 0)))(
    'of %s is refused by the name of its part',
    async (name, action) => {
      const { method, template, inPath } = shapeOf(action);
      const headers = await headersFor(action);
      const params = ROWS[name]!.params(world);
      const body = takesJson(action) ? JSON.stringify(without(params, inPath)) : undefined;
      for (const part of inPath) {
        for (const [value, status] of PATHS) {
          const sent = { method, path: pathWith(template, { ...params, [part]: value }), body, headers };
          const problem = problemIn(sent, await send(sent));
          expect([sent.path, problem?.status]).toEqual([sent.path, status]);
          if (status === 422) expect(problem?.errors?.[0]?.path).toBe(part);
        }
      }
    },
  );
});

describe('a header', () => {
  const withKey = ACTIONS.filter(({ idempotent }) => idempotent === 'key');
  test.each(named(withKey))('Idempotency-Key of %s is refused by its name', async (name, action) => {
    const { method, template } = shapeOf(action);
    const body = JSON.stringify(ROWS[name]!.params(world));
    for (const key of ['', 'two words', 'schl\u00fcssel', '\u00ff', 'k'.repeat(256), 'a\tb']) {
      const headers = { ...(await headersFor(action)), 'idempotency-key': key };
      const sent = { method, path: template, body, headers };
      const problem = problemIn(sent, await send(sent));
      expect([key, problem?.status, problem?.errors?.[0]?.path]).toEqual([key, 400, 'Idempotency-Key']);
    }
  });

  test.each(['authorization', 'stripe-signature', 'user-agent', 'accept', 'x-forwarded-for', 'cookie'])(
    '%s with any bytes is no error of the server',
    async (header) => {
      for (const path of ['/api/auth/me', '/api/webhooks/processor', '/api/auth/login']) {
        for (const value of ['\u00ff\u00fe', '=;=', 'Bearer \u00e9', ' ', 'x'.repeat(4_000)]) {
          const method = path.endsWith('me') ? 'GET' : 'POST';
          const body = method === 'POST' ? '{}' : undefined;
          const sent = { method, path, body, headers: { [header]: value } };
          expect(problemIn(sent, await send(sent))?.code).toBeDefined();
        }
      }
    },
  );
});

test('a webhook with NUL is refused by its signature first', async () => {
  const sent = { method: 'POST', path: '/api/webhooks/processor', body: '{"id":"\u0000"}' };
  expect(problemIn(sent, await send(sent))?.code).toBe('webhook_signature');
});

describe('a socket', () => {
  const connect = async (auth: object): Promise<{ code?: string; errors?: { path: string }[] }> => {
    const socket = io(world.origin, {
      path: SOCKET_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      auth,
    });
    try {
      const refused = Promise.withResolvers<{ data?: object }>();
      socket.once('connect_error', refused.resolve);
      return (await refused.promise).data ?? {};
    } finally {
      socket.disconnect();
    }
  };

  test.each(['\ud800', 'a\u0000', -1, 1.5, 2 ** 60, {}, [], true, 'x'])(
    'that continues after the message %j is refused by the name of the field',
    async (after) => {
      const { code, errors } = await connect({ after });
      expect([code, errors?.map(({ path }) => path)]).toEqual(['invalid_params', ['after']]);
    },
  );

  test('with an unknown field is refused by the name of the field', async () => {
    const { code, errors } = await connect({ after: 1, token: 'x' });
    expect([code, errors?.map(({ path }) => path)]).toEqual(['invalid_params', ['token']]);
  });

  test.each([{ ticket: 'x'.repeat(5_000) }, { after: ['x'.repeat(15_000)] }])(
    'with too much to read is refused with a code',
    async (auth) => expect((await connect(auth)).code).toBe('body_too_large'),
  );

  test.each(['\ud800', 'tkt_\u0000', '', 7, {}, [], null])(
    'with the ticket %j is refused',
    async (ticket) => {
      expect((await connect({ ticket })).code).toBe('ticket_invalid');
    },
  );
});
