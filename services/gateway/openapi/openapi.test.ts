import { CONTRACTS } from '../../../shared/contracts/all.ts';
import type { Action } from '../../../shared/contracts/contract.ts';
import { ERRORS } from '../../../shared/contracts/errors.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';
import { openApiDocument } from './document.ts';

type Parameter = { in: string; name: string; required: boolean; schema: object };
type Content = Record<string, { schema: Record<string, unknown> & { properties?: object; $ref?: string } }>;
type Operation = {
  operationId: string;
  parameters: Parameter[];
  requestBody?: { content: Content };
  description: string;
  'x-rate-limit': object;
  responses: Record<string, { description: string; content?: Content; headers?: Record<string, object> }>;
  security: object[];
};
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object };
};

const document = openApiDocument(CONTRACTS, {
  publicUrl: 'http://localhost:3000',
  accessCookie: '__Host-payloom_access',
}) as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const operation = (id: string): Operation => {
  const found = operations.find((one) => one.operation.operationId === id);
  if (!found) throw new Error(`no ${id}`);
  return found.operation;
};

test('the document has every action with an HTTP route, and no other', () => {
  const routes = CONTRACTS.flatMap(({ actions }) => Object.values(actions)).flatMap(({ http }) =>
    http ? [http.route] : [],
  );
  const documented = operations.map(
    ({ path, method }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
  );
  expect(documented.sort()).toEqual([...routes].sort());
  expect(document.openapi).toBe('3.1.0');
});

test('every path param is declared, every reference resolves, every error code has its status', () => {
  for (const { path, operation: one } of operations) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(one.parameters.filter((item) => item.in === 'path').map((item) => item.name)).toEqual(names);
    for (const [status, response] of Object.entries(one.responses)) {
      for (const { schema } of Object.values(response.content ?? {})) {
        if (schema.$ref) expect(schema.$ref).toBe('#/components/schemas/Problem');
      }
      for (const [, code] of response.description.matchAll(/^`(\w+)`/gm)) {
        expect(String(ERRORS[code as keyof typeof ERRORS][0])).toBe(status);
      }
    }
  }
});

test('params are documented where they are read from', () => {
  const list = operation('payments.list');
  expect(list.parameters.map((item) => item.in)).toEqual(list.parameters.map(() => 'query'));
  expect(list.parameters.some((item) => item.required)).toBe(false);
  const create = operation('payments.create');
  expect(create.parameters).toMatchObject([{ in: 'header', name: 'Idempotency-Key', required: true }]);
  expect(Object.keys(create.requestBody?.content['application/json']?.schema.properties ?? {})).toContain(
    'amountMinor',
  );
  expect(operation('payments.processorWebhook').parameters[0]).toMatchObject({
    in: 'header',
    name: 'stripe-signature',
  });
  expect(operation('payments.cancel').requestBody).toBeUndefined();
});

test('every Location leads to a path with GET', () => {
  const created = operations.filter(({ operation: one }) => one.responses['201']?.headers?.['Location']);
  expect(created.map(({ operation: one }) => one.operationId).sort()).toEqual([
    'auth.register',
    'payments.create',
  ]);
  const actions = CONTRACTS.flatMap((one): Action[] => Object.values(one.actions));
  const routes = new Set<string | undefined>(actions.map(({ http }) => http?.route));
  for (const { http } of actions) if (http?.location) expect(routes).toContain(`GET ${http.location}`);
});

test('limits and the headers about them are documented', () => {
  const list = operation('payments.list');
  expect(list['x-rate-limit']).toEqual({
    perAccountPerMinute: 1_200,
    perAddressPerMinute: 12_000,
    costs: { q: 10 },
  });
  expect(list.description).toBe(
    'Requests a minute: at most 1200 of an account and 12000 of an address. A request with `q` counts as 10.',
  );
  expect(Object.keys(list.responses['200']?.headers ?? {})).toEqual(['RateLimit-Policy', 'RateLimit']);
  for (const { operation: one } of operations) {
    expect(one.description).toMatch(/^Requests a minute: at most \d+ /);
    for (const status of ['429', '503', '504']) {
      expect(one.responses[status]?.headers).toHaveProperty('Retry-After');
    }
  }
});

test('tokens that become cookies are not documented as a body', () => {
  const schema = operation('auth.login').responses['200']?.content?.['application/json']?.schema;
  expect(Object.keys(schema?.properties ?? {})).toEqual(['user']);
  expect(operation('auth.refresh').requestBody).toBeUndefined();
  expect(operation('auth.login').security).toEqual([]);
});

describe('over HTTP', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.services.stop());

  test('the document is served', async () => {
    const reply = await gateway.ask('GET /api/openapi.json');
    expect([reply.status, reply.json()['openapi']]).toEqual([200, '3.1.0']);
  });

  test('the viewer loads from our own origin only; inline styles are allowed', async () => {
    const page = await gateway.ask('GET /api/docs');
    expect(page.headers['content-security-policy']).toContain("style-src 'self' 'unsafe-inline'");
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    expect(page.text).not.toMatch(/https?:|<script>|style=/);
    for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await gateway.ask(`GET ${path}`)).status).toBe(200);
    }
  });
});
