import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

let folder: string;
let gateway: TestGateway;

const write = (path: string, content: string | Buffer): void => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), content);
};
const SCRIPT = 'export const answer = 42;\n'.repeat(100);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-web-'));
  gateway = await startGateway({ env: { GATEWAY_WEB_FOLDER: folder } });
});
afterAll(async () => {
  await gateway.services.stop();
  rmSync(folder, { recursive: true });
});
const page = { accept: 'text/html,*/*;q=0.8' };

test('without a build every page names the command to run', async () => {
  const reply = await gateway.ask('GET /payments', { headers: page });
  expect(reply.status).toBe(503);
  expect(reply.text).toContain('npm run build');
});

describe('a build', () => {
  beforeAll(() => {
    write('index.html', '<!doctype html><title>one</title>');
    write('start.js', 'start');
    write('manifest.webmanifest', '{}');
    write('icon-maskable.png', 'icon');
    write('assets/index-Ab12Cd34.js', SCRIPT);
    write('assets/index-Ab12Cd34.js.br', brotliCompressSync(SCRIPT));
    write('assets/index-Ab12Cd34.js.gz', gzipSync(SCRIPT));
    write('mfes/manifest.json', '{}');
    write('mfes/auth/0123456789ab/remoteEntry.js', 'entry');
    write('mfes/auth/remoteEntry.js', 'entry of an older layout');
    write('mfes/auth/assets/App-Zz9_8877.css', 'a{}');
    symlinkSync('/etc/passwd', join(folder, 'assets/link.txt'));
  });

  test.each(['/', '/payments', '/payments/pay_1', '/sign-in?next=%2F'])(
    '%s serves the shell',
    async (path) => {
      const reply = await gateway.ask(`GET ${path}`, { headers: page });
      expect([reply.status, reply.headers['cache-control']]).toEqual([200, 'no-cache']);
      expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(reply.headers['content-security-policy']).toContain("script-src 'self'");
      expect(reply.headers['content-security-policy']).not.toMatch(/unsafe|http|\*/);
      expect(reply.headers['cross-origin-opener-policy']).toBe('same-origin');
      expect(reply.headers['permissions-policy']).toContain('camera=()');
      const again = await gateway.ask(`GET ${path}`, {
        headers: { ...page, 'if-none-match': reply.headers.etag },
      });
      expect([again.status, again.text]).toEqual([304, '']);
    },
  );

  test('the policy allows the inline script and style of the page by their hashes', async () => {
    const of = (tag: string) => new RegExp(`${tag}-src 'self' 'sha256-([^']+)'(;|$)`);
    const hash = (content: string) => createHash('sha256').update(content).digest('base64');
    const policyAt = async (path: string): Promise<string> => {
      const { headers } = await gateway.ask(`GET ${path}`, { headers: page });
      return String(headers['content-security-policy']);
    };
    for (const content of ['one', 'two']) {
      write('index.html', `<head><style>b{${content}}</style>\n<script>${content}()</script></head><title>`);
      utimesSync(join(folder, 'index.html'), content.length, content === 'one' ? 1 : 2);
      for (const path of ['/sign-in', '/nowhere']) {
        const policy = await policyAt(path);
        expect(of('script').exec(policy)?.[1]).toBe(hash(`${content}()`));
        expect(of('style').exec(policy)?.[1]).toBe(hash(`b{${content}}`));
        expect(policy).not.toContain('unsafe');
      }
    }
    write('index.html', '<script type="importmap">{"imports":{}}</script><script src="/a.js"></script>');
    utimesSync(join(folder, 'index.html'), 5, 5);
    expect(of('script').exec(await policyAt('/'))?.[1]).toBe(hash('{"imports":{}}'));
    expect(await policyAt('/start.js')).not.toContain('sha256');
    write('index.html', '<!doctype html><title>one</title>');
    utimesSync(join(folder, 'index.html'), 3, 3);
    expect(await policyAt('/')).toContain("script-src 'self'; style-src 'self'; ");
  });

  test.each(['/', '/sign-up', '/settings', '/settings/devices', '/payments/', '/payments/new?a=b'])(
    '%s is a page',
    async (path) => {
      expect((await gateway.ask(`GET ${path}`, { headers: page })).status).toBe(200);
    },
  );

  test.each(['/nowhere', '/settings/a', '/payments/a/b', '//payments', '/API/things', '/%61pi/things'])(
    '%s is no page: the shell is served with 404, also to a client that has it',
    async (path) => {
      const { etag } = (await gateway.ask('GET /', { headers: page })).headers;
      const reply = await gateway.ask(`GET ${path}`, { headers: { ...page, 'if-none-match': etag } });
      expect([reply.status, reply.headers['content-type']]).toEqual([404, 'text/html; charset=utf-8']);
      expect(reply.text).toContain('<title>');
    },
  );

  test.each(['//api/things', '///api', '/api//things', '/api/nothing', '/api', '/api/'])(
    '%s is an unknown address of the API',
    async (path) => {
      const reply = await gateway.ask(`GET ${path}`, { headers: page });
      expect([reply.status, reply.headers['content-type']]).toEqual([404, 'application/problem+json']);
    },
  );

  test.each<[name: string, header: (etag: string) => string, status: number]>([
    ['the tag', (etag) => etag, 304],
    ['its weak form', (etag) => `W/${etag}`, 304],
    ['a list with it', (etag) => `"a,b" , W/"c",${etag}`, 304],
    ['any', () => ' * ', 304],
    ['another tag', () => '"other"', 200],
    ['a list without it', () => '"a", W/"b"', 200],
    ['the tag without quotes', (etag) => etag.replaceAll('"', ''), 200],
    ['nothing', () => '', 200],
  ])('If-None-Match with %s', async (_name, header, status) => {
    const first = await gateway.ask('GET /start.js');
    const headers = { 'if-none-match': header(first.headers.etag ?? '') };
    const again = await gateway.ask('GET /start.js', { headers });
    expect(again.status).toBe(status);
    expect(again.headers.etag).toBe(first.headers.etag);
  });

  test.each([
    ['/assets/index-Ab12Cd34.js', 'text/javascript; charset=utf-8', /immutable/],
    ['/mfes/auth/assets/App-Zz9_8877.css', 'text/css; charset=utf-8', /immutable/],
    ['/mfes/auth/remoteEntry.js', 'text/javascript; charset=utf-8', /^no-cache$/],
    ['/mfes/auth/0123456789ab/remoteEntry.js', 'text/javascript; charset=utf-8', /immutable/],
    ['/mfes/auth/0123456789ab~3/remoteEntry.js', 'text/javascript; charset=utf-8', /immutable/],
    ['/mfes/manifest.json', 'application/json; charset=utf-8', /^no-cache$/],
    ['/start.js', 'text/javascript; charset=utf-8', /^no-cache$/],
    ['/manifest.webmanifest', 'application/manifest+json', /^no-cache$/],
    ['/icon-maskable.png', 'image/png', /^no-cache$/],
  ])('%s has its type and cache headers', async (path, type, caching) => {
    const { status, headers } = await gateway.ask(`GET ${path}`);
    expect([status, headers['content-type'], headers.vary]).toEqual([200, type, 'Accept-Encoding']);
    expect(headers['cache-control']).toMatch(caching);
  });

  test('a service worker is served, revalidated each time, and may be created by a page', async () => {
    write('sw.js', 'worker');
    write('sw-off.js', 'no worker');
    // The list of files is read again with another page.
    utimesSync(join(folder, 'index.html'), 4, 4);
    const { text, headers } = await gateway.ask('GET /sw.js');
    expect([text, headers['cache-control'], headers['content-type']]).toEqual([
      'worker',
      'no-cache',
      'text/javascript; charset=utf-8',
    ]);
    const policy = (await gateway.ask('GET /', { headers: page })).headers['content-security-policy'];
    expect(policy).toContain("worker-src 'self'");
    expect(policy).toContain('trusted-types svelte-trusted-html payloom-worker');
  });

  test('SERVICE_WORKER=off serves the one that ends all others in its place', async () => {
    const off = await startGateway({ env: { GATEWAY_WEB_FOLDER: folder, SERVICE_WORKER: 'off' } });
    try {
      const { text, headers } = await off.ask('GET /sw.js');
      expect([text, headers['cache-control']]).toEqual(['no worker', 'no-cache']);
    } finally {
      await off.services.stop();
    }
  });

  test('a file is sent in the precompressed encoding that the client accepts', async () => {
    const ask = (accepted: string) =>
      gateway.ask('GET /assets/index-Ab12Cd34.js', { headers: { 'accept-encoding': accepted } });
    const brotli = await ask('gzip, deflate, br');
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.bytes).toString()).toBe(SCRIPT);
    const gzip = await ask('gzip, br;q=0');
    expect(gunzipSync(gzip.bytes).toString()).toBe(SCRIPT);
    const plain = await ask('identity');
    expect([plain.headers['content-encoding'], plain.text]).toEqual([undefined, SCRIPT]);
    expect(new Set([brotli, gzip, plain].map(({ headers }) => headers.etag)).size).toBe(3);
  });

  test.each([
    '/assets/gone-12345678.js',
    '/../../etc/passwd',
    '/assets/..%2f..%2f..%2fetc%2fpasswd.txt',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/assets/link.txt',
    '/.env.txt',
  ])('%s never serves a file outside the build', async (path) => {
    const reply = await gateway.ask(`GET ${path}`, { headers: { accept: '*/*' } });
    expect(reply.text).not.toContain('root:');
    if (/\.\w+$/.test(path)) expect(reply.status).toBe(404);
    else expect(reply.text).toContain('<title>');
  });

  test('a new build is served without a restart, and a file that was removed is 404', async () => {
    write('index.html', '<!doctype html><title>two</title>');
    utimesSync(join(folder, 'index.html'), 1, 1);
    rmSync(join(folder, 'mfes/auth/assets/App-Zz9_8877.css'));
    expect((await gateway.ask('GET /', { headers: page })).text).toContain('two');
    expect((await gateway.ask('GET /mfes/auth/assets/App-Zz9_8877.css')).status).toBe(404);
  });

  test('a version that was deployed later is served with the manifest that names it', async () => {
    const path = '/mfes/auth/fedcba987654/remoteEntry.js';
    expect((await gateway.ask(`GET ${path}`)).status).toBe(404);
    write(path.slice(1), 'entry');
    write('mfes/manifest.json', '{"remotes":{}}');
    expect((await gateway.ask(`GET ${path}`)).status).toBe(200);
    expect((await gateway.ask(`GET ${path.replace('54/', '54~10/')}`)).status).toBe(404);
  });

  test('pages can only be read', async () => {
    const reply = await gateway.ask('POST /payments');
    expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, HEAD']);
  });
});
