import { request as send, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { eventually } from '../../../../broker/testing/eventually.ts';
import { head, openRaw } from '../../../../broker/testing/raw-connection.ts';
import { startGateway, type TestGateway } from '../../testing/start-gateway.ts';
import { startUpstream, type Upstream } from '../../testing/upstream.ts';

const MB = 1024 * 1024;
/** Buffers that wait to be collected take 90 to 150 MB of this process, whatever the size of the body. */
const LARGE_MB = 600;
const IDLE_LIMIT_MS = 400;

let upstream: Upstream;
let gateway: TestGateway;
/** Has another limit for the time in which nothing moves. */
let impatient: TestGateway;
let authorization: string;
beforeAll(async () => {
  upstream = await startUpstream();
  const env = { PROXY_ROUTES: JSON.stringify({ '/api/old': upstream.origin }) };
  gateway = await startGateway({ env });
  impatient = await startGateway({ env: { ...env, PROXY_TIMEOUT_MS: String(IDLE_LIMIT_MS) } });
  authorization = `Bearer ${await gateway.sign()}`;
});
afterEach(() => upstream.reset());
afterAll(async () => {
  await gateway.services.stop();
  await impatient.services.stop();
  await upstream.stop();
});

/** So many megabytes, made while they are read. */
const megabytes = (count: number): Readable => {
  let left = count * 16;
  const piece = Buffer.alloc(MB / 16, 'x');
  return new Readable({
    read() {
      this.push(left-- > 0 ? piece : null);
    },
  });
};

/** Counts the bytes of a stream, and the most memory that this process had meanwhile. */
const count = async (stream: Readable) => {
  let sizeBytes = 0;
  let mostBytes = 0;
  let chunks = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      sizeBytes += chunk.length;
      // Asking costs more than the rest.
      if (chunks++ % 100 === 0) mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
      done();
    },
  });
  await pipeline(stream, sink);
  return { sizeBytes, mostBytes };
};

const open = (method: string, headers: Record<string, string> = {}, port = gateway.port): ClientRequest => {
  const options = { host: '127.0.0.1', port, method, path: '/api/old', agent: false };
  const request = send({ ...options, headers: { authorization, ...headers } });
  request.on('error', () => undefined);
  return request;
};
const answerTo = (request: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => request.once('response', resolve).once('error', reject));

/** The next request at the upstream, as soon as its head is there. */
const arrival = (): Promise<{ request: IncomingMessage; response: ServerResponse }> =>
  new Promise((resolve) => upstream.stream((request, response) => resolve({ request, response })));

describe('a large body', () => {
  test('goes up without being kept', async () => {
    const before = process.memoryUsage.rss();
    const arrived = arrival();
    const request = open('PUT', { 'content-length': String(LARGE_MB * MB) });
    const sent = pipeline(megabytes(LARGE_MB), request);
    const answer = answerTo(request);
    const { request: received, response } = await arrived;
    const { sizeBytes, mostBytes } = await count(received);
    response.end();
    expect((await answer).statusCode).toBe(200);
    await sent;
    expect(sizeBytes).toBe(LARGE_MB * MB);
    expect(mostBytes - before).toBeLessThan((LARGE_MB * MB) / 2);
  }, 120_000);

  test('comes down in chunks without being kept', async () => {
    const before = process.memoryUsage.rss();
    upstream.handle((_request, response) => void megabytes(LARGE_MB).pipe(response));
    const answer = answerTo(open('GET').end());
    const { sizeBytes, mostBytes } = await count(await answer);
    expect(sizeBytes).toBe(LARGE_MB * MB);
    expect(mostBytes - before).toBeLessThan((LARGE_MB * MB) / 2);
  }, 120_000);
});

test('trailers are passed on both ways, without those that are headers of ours', async () => {
  upstream.handle((request, response) => {
    response.writeHead(200, { Trailer: 'X-Sum' }).write(JSON.stringify(request.trailers));
    response.addTrailers({ 'X-Sum': '2', 'Set-Cookie': 'a=b' });
    response.end();
  });
  const request = open('POST', { 'transfer-encoding': 'chunked', trailer: 'X-Sum', te: 'trailers' });
  request.write('body');
  request.addTrailers({ 'X-Sum': '1', Cookie: 'a=b' });
  const answer = await answerTo(request.end());
  const chunks = await answer.setEncoding('utf8').toArray();
  expect(JSON.parse(chunks.join(''))).toEqual({ 'x-sum': '1' });
  expect(answer.headers.trailer).toBe('X-Sum');
  expect(answer.trailers).toEqual({ 'x-sum': '2' });
});

test('an answer arrives piece by piece, while the body is still being sent', async () => {
  upstream.stream((request, response) => void request.pipe(response));
  const request = open('POST', { 'transfer-encoding': 'chunked' });
  request.write('one');
  const answer = await answerTo(request);
  const received: string[] = [];
  answer.setEncoding('utf8').on('data', (chunk: string) => received.push(chunk));
  await eventually(() => expect(received).toEqual(['one']));
  request.end('two');
  await eventually(() => expect(received).toEqual(['one', 'two']));
});

test('a client that reads slowly slows the upstream down', async () => {
  let madeBytes = 0;
  upstream.handle((_request, response) => {
    megabytes(LARGE_MB)
      .on('data', (chunk: Buffer) => (madeBytes += chunk.length))
      .pipe(response);
  });
  const answer = await answerTo(open('GET').end());
  let readBytes = 0;
  answer.on('data', (chunk: Buffer) => (readBytes += chunk.length));
  while (readBytes < 20 * MB) {
    answer.resume();
    await new Promise(setImmediate);
    answer.pause();
    // The rest is in the buffers of three connections.
    expect(madeBytes - readBytes).toBeLessThan(50 * MB);
  }
  answer.destroy();
});

describe('an abort', () => {
  test('of a client while it sends ends the request at the upstream', async () => {
    const arrived = arrival();
    const request = open('POST', { 'content-length': '100' });
    request.write('half');
    const { request: received } = await arrived;
    request.destroy();
    await eventually(() => expect(received.destroyed).toBe(true));
    expect(received.complete).toBe(false);
  });

  test('of a client while it waits or reads ends the request at the upstream', async () => {
    for (const begins of [false, true]) {
      const arrived = arrival();
      const request = open('GET').end();
      const { response } = await arrived;
      if (begins) {
        response.write('half');
        await answerTo(request);
      }
      request.destroy();
      await eventually(() => expect(response.destroyed).toBe(true));
    }
  });

  test.each([{ 'content-length': '100' }, {}])(
    'of the upstream in its answer with %j ends that of the client',
    async (headers) => {
      upstream.handle((request, response) => {
        response.writeHead(200, headers as Record<string, string>).write('half');
        setImmediate(() => request.socket.destroy());
      });
      const answer = await answerTo(open('GET').end());
      await expect(answer.toArray()).rejects.toThrow('aborted');
    },
  );

  test('of the upstream while it receives is 502, and the connection takes the next request', async () => {
    upstream.stream((request) => request.socket.destroy());
    const connection = await openRaw(gateway.port);
    const auth = `Authorization: ${authorization}`;
    connection.send(head('POST /api/old', auth, `Content-Length: ${MB}`), 'x'.repeat(1000));
    expect(await connection.receives(/bad_gateway/)).toContain('HTTP/1.1 502');
    upstream.reset();
    connection.send('x'.repeat(MB - 1000), head('GET /api/old', auth));
    expect(await connection.receives(/"method":"GET"/)).toContain('HTTP/1.1 200');
    connection.close();
  });
});

describe('a request that waits for 100', () => {
  const waiting = async (at = gateway) => {
    const connection = await openRaw(at.port);
    const auth = `Authorization: Bearer ${await at.sign()}`;
    connection.send(head('POST /api/old', auth, 'Content-Length: 4', 'Expect: 100-continue'));
    return connection;
  };

  test('gets it from the upstream', async () => {
    let allow: () => void = () => undefined;
    const asked = new Promise<void>((resolve) =>
      upstream.expect((request, response) => {
        allow = () => response.writeContinue();
        resolve();
        request.on('data', (chunk: Buffer) => response.write(chunk)).on('end', () => response.end());
      }),
    );
    const connection = await waiting();
    await asked;
    expect(connection.received()).toBe('');
    allow();
    await connection.receives(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    connection.send('body');
    expect(await connection.receives(/0\r\n\r\n$/)).toMatch(
      /HTTP\/1\.1 200[^]*Connection: keep-alive[^]*body/,
    );
    connection.close();
  });

  test('gets the refusal of the upstream instead, and its connection is closed', async () => {
    upstream.expect((_request, response) => response.writeHead(413).end('too large'));
    const connection = await waiting();
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 413[^]*Connection: close[^]*too large/);
    connection.close();
  });

  test('gets the refusal of the gateway instead, and its connection is closed', async () => {
    const connection = await openRaw(gateway.port);
    connection.send(head('POST /api/old', 'Content-Length: 4', 'Expect: 100-continue'));
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 401[^]*Connection: close/);
    connection.close();
    expect(upstream.seen).toEqual([]);
  });

  test('is 504 when the upstream gives neither', async () => {
    upstream.expect(() => undefined);
    const connection = await waiting(impatient);
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 504/);
    connection.close();
  });

  test('gets it at once at a path of our own', async () => {
    const connection = await openRaw(gateway.port);
    connection.send(head('POST /api/hook', 'Content-Length: 4', 'Expect: 100-continue'));
    await connection.receives(/^HTTP\/1\.1 100 Continue/);
    connection.send('body');
    await connection.receives(/HTTP\/1\.1 200[^]*"body":"body"/);
    connection.close();
  });
});

describe('nothing moves', () => {
  let token: string;
  beforeAll(async () => {
    token = await impatient.sign();
  });
  const openHere = (method: string, headers: Record<string, string> = {}) =>
    open(method, { authorization: `Bearer ${token}`, ...headers }, impatient.port);

  test('because the client does not send the rest of its body: 408', async () => {
    const request = openHere('POST', { 'content-length': '100' });
    request.write('half');
    expect((await answerTo(request)).statusCode).toBe(408);
  });

  test('because the upstream stops in its answer: the answer is aborted', async () => {
    upstream.handle((_request, response) => void response.write('half'));
    const answer = await answerTo(openHere('GET').end());
    await expect(answer.toArray()).rejects.toThrow('aborted');
  });

  test('a body that goes on for longer than the limit arrives', async () => {
    const request = openHere('POST', { 'transfer-encoding': 'chunked' });
    const answer = answerTo(request);
    const startMs = performance.now();
    while (performance.now() - startMs < 2 * IDLE_LIMIT_MS) {
      request.write('.');
      await new Promise((resolve) => setTimeout(resolve, IDLE_LIMIT_MS / 8));
    }
    request.end();
    expect((await answer).statusCode).toBe(200);
  });
});
