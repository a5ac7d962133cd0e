// An old service over https: a client, nginx, a gateway, and an upstream with an authority of its own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { startGateway, type TestGateway } from '../services/gateway/testing/start-gateway.ts';
import { ensureCertificate, type Certificate } from './certificate.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';

const MB = 1024 * 1024;
const LARGE_MB = 100;
/** What a worker of nginx may need for one request that streams. */
const WORKER_MB = 8;

/** So many megabytes, made while they are read. */
const megabytes = (count: number): Readable => {
  const piece = Buffer.alloc(MB / 16, 'x');
  let left = count * 16;
  return new Readable({
    read() {
      this.push(left-- > 0 ? piece : null);
    },
  });
};

const sizeOf = async (stream: Readable): Promise<number> => {
  let bytes = 0;
  for await (const chunk of stream) bytes += (chunk as Buffer).length;
  return bytes;
};

/** Answers a body with its size; `?mb=` is a body of that size, `?die` ends the connection in the middle. */
const startUpstream = async ({ key, certificate }: Certificate): Promise<Server> => {
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) });
  server.on('request', (incoming, response) => {
    const { searchParams } = new URL(incoming.url ?? '', 'https://localhost');
    incoming.on('error', () => undefined);
    if (searchParams.has('die')) incoming.once('data', () => incoming.socket.destroy());
    if (searchParams.has('die') && incoming.method === 'GET') {
      response.writeHead(200, { 'content-length': MB }).write('half');
      setTimeout(() => incoming.socket.destroy(), 100);
    } else if (searchParams.has('mb')) {
      megabytes(Number(searchParams.get('mb'))).pipe(response);
    } else {
      sizeOf(incoming).then(
        (bytes) => response.end(JSON.stringify({ bytes, coding: incoming.headers['transfer-encoding'] })),
        () => undefined,
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
};

let folder: string;
let upstreams: Server[];
let gateway: TestGateway;
let edge: Edge;
let authorization: string;
const trusted = getCACertificates('default');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-old-'));
  const known = await ensureCertificate(join(folder, 'known'), 'localhost');
  const unknown = await ensureCertificate(join(folder, 'unknown'), 'localhost');
  upstreams = [await startUpstream(known), await startUpstream(unknown)];
  // What NODE_EXTRA_CA_CERTS does for a process.
  setDefaultCACertificates([...trusted, readFileSync(known.authority, 'utf8')]);
  const [old, foreign] = upstreams.map((one) => `https://localhost:${(one.address() as AddressInfo).port}`);
  const routes = { '/api/old': old, '/api/foreign': foreign };
  gateway = await startGateway({
    env: { PROXY_ROUTES: JSON.stringify(routes), TRUSTED_PROXIES: '127.0.0.1' },
  });
  authorization = `Bearer ${await gateway.sign()}`;
  edge = await startEdge([gateway.port], { streamedPrefixes: ['/api/old'] });
});
afterAll(async () => {
  setDefaultCACertificates(trusted);
  await edge.stop();
  await gateway.services.stop();
  for (const one of upstreams) {
    one.closeAllConnections();
    await new Promise((resolve) => one.close(resolve));
  }
  rmSync(folder, { recursive: true });
});

const open = (method: string, path: string, headers: Record<string, string> = {}) => {
  const { port, tls } = edge;
  const options = { ...tls, host: '127.0.0.1', port, method, path, agent: false };
  return request({ ...options, headers: { host: `localhost:${port}`, authorization, ...headers } });
};
const answerTo = (sent: ReturnType<typeof open>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => sent.once('response', resolve).once('error', reject));
const textOf = async (answer: IncomingMessage): Promise<string> =>
  (await answer.setEncoding('utf8').toArray()).join('');

/** The most memory that a worker of nginx has had, in megabytes. */
const workersMb = (): number => {
  const children = readFileSync(`/proc/${edge.pid}/task/${edge.pid}/children`, 'utf8').trim().split(' ');
  const peaks = children.map((pid) =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0),
  );
  return Math.max(...peaks) / 1024;
};

test.each([
  ['with its length', { 'content-length': String(LARGE_MB * MB) }],
  ['in chunks', { 'transfer-encoding': 'chunked' }],
])(
  'a large body %s goes up, and nginx does not keep it',
  async (_name, headers) => {
    const before = workersMb();
    const sent = open('PUT', '/api/old/file', headers as Record<string, string>);
    const answer = answerTo(sent);
    await pipeline(megabytes(LARGE_MB), sent);
    expect(JSON.parse(await textOf(await answer))).toMatchObject({ bytes: LARGE_MB * MB });
    expect(workersMb() - before).toBeLessThan(WORKER_MB);
  },
  60_000,
);

test('a large answer comes down, and nginx does not keep it', async () => {
  const before = workersMb();
  const answer = await answerTo(open('GET', `/api/old/file?mb=${LARGE_MB}`).end());
  expect(await sizeOf(answer)).toBe(LARGE_MB * MB);
  expect(workersMb() - before).toBeLessThan(WORKER_MB);
}, 60_000);

test("an upstream that dies in its answer ends the client's, which is not taken for whole", async () => {
  const answer = await answerTo(open('GET', '/api/old/file?die').end());
  await expect(sizeOf(answer)).rejects.toThrow('aborted');
});

test('an upstream that dies while it receives is a 502 of the API', async () => {
  const sent = open('PUT', '/api/old/file?die', { 'content-length': String(20 * MB) });
  const answer = answerTo(sent);
  await pipeline(megabytes(20), sent).catch(() => undefined);
  const reply = await answer;
  expect([reply.statusCode, reply.headers['content-type']]).toEqual([502, 'application/problem+json']);
  expect(JSON.parse(await textOf(reply))).toMatchObject({ code: 'bad_gateway' });
});

test('an upstream whose authority is not known is a 502, and health says why', async () => {
  expect((await answerTo(open('GET', '/api/foreign').end())).statusCode).toBe(502);
  const { checks } = await gateway.services.readiness();
  expect(checks).toMatchObject({
    'upstream of /api/old': true,
    'upstream of /api/foreign': 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  });
});
