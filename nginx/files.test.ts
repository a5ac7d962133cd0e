import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { eventually } from '../broker/testing/eventually.ts';
import { expectSecurity } from './testing/security.ts';
import { PAGE, SCRIPT, startEdgeWithGateway, type Edge } from './testing/start-edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdgeWithGateway();
});
afterAll(() => edge.stop());

describe('pages and files', () => {
  const encoded = (accepted: string, path = '/assets/index-Ab12Cd34.js') =>
    edge.ask(`GET ${path}`, { headers: { 'accept-encoding': accepted } });

  test.each([
    ['gzip, deflate, br', 'br'],
    ['gzip;q=1.0, br;q=0.1', 'br'],
    ['br;q=0, gzip', 'gzip'],
    ['gzip ; q=0.000,br ;q=0', undefined],
    ['brotli, xgzip', undefined],
    ['', undefined],
  ])('Accept-Encoding "%s" gets %s', async (accepted, encoding) => {
    const { headers, bytes } = await encoded(accepted);
    expect([headers['content-encoding'], headers.vary]).toEqual([encoding, 'Accept-Encoding']);
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    const unpack = { br: brotliDecompressSync, gzip: gunzipSync }[encoding ?? ''];
    expect((unpack ? unpack(bytes) : bytes).toString()).toBe(SCRIPT);
  });

  test.each([
    ['/', 'text/html; charset=utf-8', /^no-cache$/],
    ['/payments/pay_1', 'text/html; charset=utf-8', /^no-cache$/],
    ['/favicon.svg', 'image/svg+xml', /^no-cache$/],
    ['/sw.js', 'text/javascript; charset=utf-8', /^no-cache$/],
    ['/manifest.webmanifest', 'application/manifest+json', /^no-cache$/],
    ['/icon-maskable.png', 'image/png', /^no-cache$/],
    ['/mfes/manifest.json', 'application/json; charset=utf-8', /^no-cache$/],
    ['/mfes/auth/0123456789ab/remoteEntry.js', 'text/javascript; charset=utf-8', /^public, .+, immutable$/],
    ['/mfes/auth/0123456789ab~3/remoteEntry.js', 'text/javascript; charset=utf-8', /^public, .+, immutable$/],
    [
      '/mfes/auth/assets/style-Zz9_8877.css',
      'text/css; charset=utf-8',
      /^public, max-age=31536000, immutable$/,
    ],
    ['/assets/index-Ab12Cd34.js', 'text/javascript; charset=utf-8', /^public, max-age=31536000, immutable$/],
    ['/assets/inter-Dx4kXJAl.woff2', 'font/woff2', /^public, max-age=31536000, immutable$/],
  ])('%s has its type and cache headers, and is 304 to who has it', async (path, type, caching) => {
    const { status, headers } = await encoded('br', path);
    expect([status, headers['content-type']]).toEqual([200, type]);
    expect(headers['cache-control']).toMatch(caching);
    const again = await edge.ask(`GET ${path}`, {
      headers: { 'if-none-match': headers.etag ?? '', 'accept-encoding': 'br' },
    });
    expect([again.status, again.text]).toEqual([304, '']);
    expect(again.headers['cache-control']).toMatch(caching);
    expectSecurity(again);
  });

  test.each(['/assets/index-Ab12Cd34.js.br', '/index.html.gz', '/.env', '/mfes/', '/assets'])(
    '%s is no file',
    async (path) => {
      expect((await edge.ask(`GET ${path}`)).status).toBe(404);
    },
  );

  test('an address that is no page shows the shell, which says so', async () => {
    const { headers } = await edge.ask('GET /');
    const reply = await edge.ask('GET /nowhere', { headers: { 'if-none-match': headers.etag ?? '' } });
    expect([reply.status, reply.text]).toEqual([404, PAGE]);
  });

  test('a page is compressed for requests of no other site', async () => {
    const encodingFor = async (referer?: string) =>
      (await edge.ask('GET /', { headers: { 'accept-encoding': 'br', ...(referer && { referer }) } }))
        .headers['content-encoding'];
    expect(await encodingFor()).toBe('br');
    expect(await encodingFor(`https://localhost:${edge.port}/payments`)).toBe('br');
    for (const other of ['https://evil.example/', 'https://localhost.evil.example/', 'http://localhost/'])
      expect(await encodingFor(other)).toBeUndefined();
  });

  test('the service worker is replaced by one that ends all, where that is configured', async () => {
    const worker = async () => (await edge.ask('GET /sw.js')).text;
    expect(await worker()).toBe('worker');
    await edge.reload({ hasWorker: false });
    await eventually(async () => expect(await worker()).toBe('no worker'));
    await edge.reload({});
    await eventually(async () => expect(await worker()).toBe('worker'));
  });

  test('a new build is served without a reload', async () => {
    const file = join(edge.folder, 'web/mfes/manifest.json');
    const before = readFileSync(file);
    rmSync(file);
    writeFileSync(file, '{"remotes":{"new":{}}}');
    await eventually(async () => expect((await edge.ask('GET /mfes/manifest.json')).text).toContain('new'));
    writeFileSync(file, before);
  });
});
