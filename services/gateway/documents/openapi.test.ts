import { gunzipSync } from 'node:zlib';
import { ERRORS } from '../../../shared/contracts/errors.ts';
import {
  actions,
  bodyOf,
  document,
  documentAt,
  nodes,
  operation,
  operations,
  requestSchema,
  resolve,
  schemas,
  type Response,
  type Schema,
} from '../testing/document.ts';
import { linksOf } from '../testing/page-links.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';
import { html, inline } from './page/html.ts';
import { pageOf } from './page/page.ts';

test('the document has every action with an HTTP route, and no other', () => {
  const routes = actions.flatMap(({ http }) => (http ? [http.route] : []));
  const documented = operations.map(
    ({ path, method }) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
  );
  expect(documented.sort()).toEqual([...routes].sort());
  expect(document.openapi).toBe('3.1.0');
});

test('every reference leads to something', () => {
  const references = nodes.filter(([path, { $ref }]) => $ref !== undefined && !path.endsWith('/properties'));
  expect(references.filter(([, node]) => Object.keys(resolve(node)).length === 0)).toEqual([]);
  for (const { path, operation: one } of operations) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(one.parameters.filter((item) => item.in === 'path').map((item) => item.name)).toEqual(names);
  }
});

test('every error code of a response has its status, and an example', () => {
  for (const { operation: one } of operations) {
    for (const [status, reference] of Object.entries(one.responses)) {
      const { description, content } = resolve(reference);
      const codes = [...description.matchAll(/^`(\w+)`/gm)].map((match) => match[1] as keyof typeof ERRORS);
      expect([...new Set(codes.map((code) => String(ERRORS[code][0])))]).toEqual(
        codes.length > 0 ? [status] : [],
      );
      if (Number(status) >= 400) {
        expect(Object.keys(content?.['application/problem+json']?.examples ?? {})).toEqual(codes);
      }
    }
  }
  expect(operation('payments.cancel').responses['409']?.description ?? 'a reference').toBe('a reference');
  expect(resolve(operation('payments.cancel').responses['409'] as Response).description).toBe(
    `\`payment_not_pending\`: ${ERRORS.payment_not_pending[1]}`,
  );
});

test('params are documented where they are read from', () => {
  const list = operation('payments.list');
  expect(list.parameters.map((item) => item.in)).toEqual(list.parameters.map(() => 'query'));
  expect(list.parameters.some((item) => item.required)).toBe(false);
  expect(list.parameters[0]).toMatchObject({
    schema: { type: 'integer', minimum: 1, maximum: 100, default: 25 },
  });
  const create = operation('payments.create');
  expect(create.parameters).toMatchObject([{ in: 'header', name: 'Idempotency-Key', required: true }]);
  expect(requestSchema('payments.create').properties).toHaveProperty('amountMinor');
  expect(schemas['Currency']).toMatchObject({
    'x-amounts': { KWD: { digits: 3, minMinor: 10, maxMinor: 99_999_990, stepMinor: 10 } },
  });
  expect(document.info.description).toContain('\n| KWD | 3 | 10 | 99999990 |\n');
  expect(document.info.description).toContain('KWD is paid in multiples of 10.');
  expect(operation('payments.processorWebhook').parameters[0]).toMatchObject({
    in: 'header',
    name: 'stripe-signature',
  });
  expect(operation('payments.cancel').requestBody).toBeUndefined();
});

test('every Location leads to a path with GET', () => {
  const created = operations.filter(({ operation: one }) => one.responses['201']?.headers['Location']);
  expect(created.map(({ operation: one }) => one.operationId).sort()).toEqual([
    'auth.register',
    'payments.create',
    'profile.exportData',
  ]);
  const routes = new Set<string | undefined>(actions.map(({ http }) => http?.route));
  for (const { http } of actions) if (http?.location) expect(routes).toContain(`GET ${http.location}`);
});

test('limits and headers are documented', () => {
  const list = operation('payments.list');
  expect(list['x-rate-limit']).toEqual({
    perAccountPerMinute: 1_200,
    perAddressPerMinute: 12_000,
    costs: { q: 10 },
  });
  expect(list.description).toContain(
    'Requests a minute: at most 1,200 of an account and 12,000 of an address. A request with `q` counts ' +
      'as 10.',
  );
  expect(Object.keys(list.responses['200']?.headers ?? {})).toEqual([
    'X-Request-Id',
    'ETag',
    'RateLimit-Policy',
    'RateLimit',
  ]);
  expect(operation('payments.create').responses['201']?.headers).toHaveProperty('Idempotent-Replayed');
  for (const { operation: one } of operations) {
    expect(one.description).toMatch(/Requests a minute: at most [\d,]+ of /);
    for (const status of ['429', '503', '504']) {
      expect(resolve(one.responses[status] as Response).headers).toHaveProperty('Retry-After');
    }
  }
});

test('tokens that become cookies are not documented as a body', () => {
  const { schema } = bodyOf(operation('auth.login').responses['200']?.content) ?? {};
  expect(Object.keys(resolve(schema as Schema).properties ?? {})).toEqual(['user']);
  expect(operation('auth.refresh').requestBody).toBeUndefined();
  expect(operation('auth.refresh').security).toEqual([{ refreshCookie: [] }]);
  expect(operation('auth.login').security).toEqual([]);
});

test('the server is the public address, but for a local one where the document comes from', () => {
  expect(document.servers[0]?.url).toBe('https://pay.test');
  expect(documentAt('http://localhost:3000').servers[0]?.url).toBe('/');
});

describe('over HTTP', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.services.stop());

  test.each(['openapi', 'asyncapi'])('the %s document is served', async (name) => {
    const reply = await gateway.ask(`GET /api/${name}.json`);
    expect([reply.status, reply.json()[name]]).toEqual([200, '3.1.0']);
  });

  test('the documents and their pages are sent as gzip to those who take it', async () => {
    const paths = ['/api/openapi.json', '/api/asyncapi.json', '/api/docs', '/api/docs/events'];
    for (const path of [...paths, '/api/docs/docs.css']) {
      const packed = await gateway.ask(`GET ${path}`, { headers: { 'accept-encoding': 'gzip, br' } });
      const plain = await gateway.ask(`GET ${path}`, { headers: { 'accept-encoding': 'gzip;q=0' } });
      expect([packed.headers['content-encoding'], plain.headers['content-encoding']]).toEqual([
        'gzip',
        undefined,
      ]);
      expect(gunzipSync(packed.bytes).equals(plain.bytes)).toBe(true);
      expect(packed.bytes.length * 3).toBeLessThan(plain.bytes.length);
    }
  });

  test.each(['/api/docs', '/api/docs/events'])('%s loads from our own origin only', async (path) => {
    const page = await gateway.ask(`GET ${path}`);
    // Nothing is inline.
    expect(page.headers['content-security-policy']).toMatch(/script-src 'self'; style-src 'self';/);
    expect(page.text).not.toMatch(/<script>|<style|style=|\son\w+=|undefined|\[object/);
    const files = [...page.text.matchAll(/(?:src=|<link[^>]*href=)"([^"]+)"/g)].map(([, path]) => path);
    expect(files).toEqual(['/favicon.svg', '/api/docs/docs.css', '/api/docs/theme.js', '/api/docs/docs.js']);
  });

  test('what the pages load is there', async () => {
    const styles = await gateway.ask('GET /api/docs/docs.css');
    const fonts = [...styles.text.matchAll(/url\('([^']+)'\)/g)].map(([, path]) => path);
    expect(fonts).toEqual(['/api/docs/inter-latin.woff2', '/api/docs/inter-currency.woff2']);
    const ours = ['/api/docs/docs.css', '/api/docs/theme.js', '/api/docs/docs.js', ...fonts];
    for (const path of ours) expect((await gateway.ask(`GET ${path}`)).status).toBe(200);
    expect(styles.text).toMatch(/^:root \{\s+(\/\*.*\*\/\s+)?--color-[\s\S]*--color-page: light-dark/m);
    expect(styles.text).not.toMatch(/@theme static|--color-\*|url\('[^/]/);
  });
});

describe('the page', () => {
  const page = pageOf(document as never, 'https://pay.test');
  const { ids, dangling } = linksOf(page);

  test('has every operation, schema and section once, and every link within it leads somewhere', () => {
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).toEqual(expect.arrayContaining(operations.map(({ operation: one }) => one.operationId)));
    const shown = Object.keys(schemas).filter((name) => !name.endsWith('Request'));
    expect(ids).toEqual(expect.arrayContaining(shown.map((name) => `schema-${name}`)));
    expect(dangling).toEqual([]);
  });

  test('escapes what it shows', () => {
    const text = inline('a `<b>` [x](https://a.test/?a&b) [y](javascript:z)');
    const { markup } = html`<p title="${'"'}">${'<b> & `'} ${text}</p>`;
    expect(markup).toBe(
      '<p title="&#34;">&#60;b&#62; &#38; ` a <code>&#60;b&#62;</code> ' +
        '<a href="https://a.test/?a&#38;b">x</a> [y](javascript:z)</p>',
    );
  });
});
