import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Agent } from 'node:https';
import { request, type RequestOptions } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { freePort } from '../../broker/postgres/embedded-folder.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { ensureCertificate } from '../certificate.ts';
import { argumentsFor, checkConfiguration, findNginx, versionOf } from '../program.ts';
import { writeConfiguration, writeSite, type Site } from '../render.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** Another nginx than the machine's: `NGINX_PROGRAM=/path/to/nginx npm run jest -- nginx`. */
export const PROGRAM = process.env['NGINX_PROGRAM'] ?? findNginx() ?? 'nginx';

export type Reply = { status: number; headers: IncomingHttpHeaders; text: string; bytes: Buffer };
type Asked = { headers?: Record<string, string>; body?: string | Buffer; agent?: Agent };

export type Edge = {
  port: number;
  httpPort: number;
  folder: string;
  pid: number;
  /** Trusts the local authority; for requests of one's own. */
  tls: RequestOptions;
  /** `GET /api/x` over HTTPS. */
  ask(line: string, options?: Asked): Promise<Reply>;
  /** Sends bytes over TLS; resolves with what is received until a problem's end. */
  raw(text: string): Promise<string>;
  /** The lines of the access log. */
  log(): Record<string, unknown>[];
  /** Everything that nginx has printed. */
  output(): string;
  reload(change: Partial<Site>): Promise<void>;
  stop(): Promise<void>;
};

export const SCRIPT = 'export const answer = 42;\n'.repeat(100);
export const PAGE = `<!doctype html><style>b{color:red}</style><script>start()</script><title>Shell</title>`;

const writeWeb = (folder: string): void => {
  const files: Record<string, string | Buffer> = {
    'index.html': PAGE,
    'index.html.br': brotliCompressSync(PAGE),
    'index.html.gz': gzipSync(PAGE),
    'favicon.svg': '<svg/>',
    'sw.js': 'worker',
    'sw-off.js': 'no worker',
    'icon-maskable.png': 'icon',
    'manifest.webmanifest': '{}',
    'assets/index-Ab12Cd34.js': SCRIPT,
    'assets/index-Ab12Cd34.js.br': brotliCompressSync(SCRIPT),
    'assets/index-Ab12Cd34.js.gz': gzipSync(SCRIPT),
    'assets/inter-Dx4kXJAl.woff2': 'font',
    'mfes/manifest.json': '{"remotes":{}}',
    'mfes/auth/0123456789ab/remoteEntry.js': 'entry',
    'mfes/auth/assets/style-Zz9_8877.css': 'a{}',
  };
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
};

const send = (port: number, line: string, { headers, body, agent }: Asked, tls: RequestOptions) =>
  new Promise<Reply>((resolve, reject) => {
    const [method = '', path = ''] = line.split(' ');
    const options = { ...tls, host: '127.0.0.1', port, method, path, agent: agent ?? false };
    const outgoing = request(
      { ...options, headers: { host: `localhost:${port}`, ...headers } },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on('data', (part: Buffer) => parts.push(part)).on('error', reject);
        incoming.on('end', () => {
          const bytes = Buffer.concat(parts);
          const { statusCode: status = 0, headers: received } = incoming;
          resolve({ status, headers: received, bytes, text: bytes.toString() });
        });
      },
    );
    outgoing.on('error', reject).end(body);
  });

const openRaw = (port: number, text: string, ca: Buffer): Promise<string> =>
  new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ host: '127.0.0.1', port, ca, servername: 'localhost' }, () =>
      socket.write(text),
    );
    // After an early response the server goes on reading for some seconds.
    socket.on('data', (data) => {
      received += data.toString('latin1');
      if (received.endsWith('}')) socket.destroy();
    });
    socket.on('error', reject).on('close', () => resolve(received));
  });

/** Starts nginx with our configuration in front of gateways, with a small build. */
export const startEdge = async (
  gateways: readonly number[],
  given: Partial<Site> & { host?: string } = {},
): Promise<Edge> => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-edge-'));
  const [port, httpPort] = [await freePort(), await freePort()];
  const { host = 'localhost', ...change } = given;
  const webFolder = join(folder, 'web');
  writeWeb(webFolder);
  const certificate = await ensureCertificate(join(folder, 'tls'), host);
  const ca = readFileSync(certificate.authority);
  const site: Site = {
    version: await versionOf(PROGRAM),
    publicUrl: `https://${host}:${port}`,
    address: '127.0.0.1',
    ports: { https: port, http: httpPort },
    gateways: gateways.map((gateway) => `127.0.0.1:${gateway}`),
    certificate,
    webFolder,
    accessLog: join(folder, 'access.log'),
    ...change,
  };
  writeConfiguration(folder, webFolder);
  writeSite(folder, site);
  await checkConfiguration(PROGRAM, folder);
  const nginx = spawn(PROGRAM, argumentsFor(folder), { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  nginx.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = new Promise((resolve) => nginx.once('exit', resolve));
  const tls = { ca, servername: host };
  const edge: Edge = {
    port,
    httpPort,
    folder,
    pid: nginx.pid as number,
    tls,
    ask: (line, options = {}) => send(port, line, options, tls),
    raw: (text) => openRaw(port, text, ca),
    log: () =>
      readFileSync(site.accessLog, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    output: () => output,
    reload: async (more) => {
      writeSite(folder, { ...site, ...more });
      await checkConfiguration(PROGRAM, folder);
      nginx.kill('SIGHUP');
    },
    stop: async () => {
      nginx.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await eventually(() => send(port, 'GET /metrics', {}, tls));
  return edge;
};

export type EdgeWithGateway = Edge & Pick<Upstream, 'seen'>;

/** Starts nginx in front of one server in the place of a gateway, which stops with it. */
export const startEdgeWithGateway = async (given: Partial<Site> = {}): Promise<EdgeWithGateway> => {
  const port = await freePort();
  const { seen, stop } = await startUpstream(port);
  const edge = await startEdge([port], given);
  return { ...edge, seen, stop: () => edge.stop().finally(stop) };
};
