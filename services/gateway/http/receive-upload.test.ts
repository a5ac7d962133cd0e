import { createServer, request, type ClientRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import type { UploadPart } from '../../../shared/contracts/contract.ts';
import { receiveUpload } from './receive-upload.ts';

const MB = 1024 * 1024;
const MAX_BYTES = 5 * MB;
/** More than the system's buffers take. */
const LARGE = 48 * MB;

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

type Taken = { parts: UploadPart[]; errors: unknown[] };

/** A server that takes uploads; `take` gets each part. */
const listen = async (
  take: (part: UploadPart) => Promise<unknown> = async () => {},
  maxBytes = MAX_BYTES,
) => {
  const taken: Taken = { parts: [], errors: [] };
  server = createServer((incoming, response) => {
    receiveUpload(incoming, maxBytes, async (part) => {
      taken.parts.push(part);
      await take(part);
      return { nextCursor: part.last ? null : `after-${taken.parts.length}` };
    })
      .then(() => response.writeHead(204).end())
      .catch((error: unknown) => {
        taken.errors.push(error);
        response.writeHead(isAppError(error) && error.code === 'body_too_large' ? 413 : 415).end();
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { taken, put: () => request({ host: '127.0.0.1', port, method: 'PUT', agent: false }) };
};

const statusOf = (put: ClientRequest): Promise<number> =>
  new Promise((resolve, reject) => {
    put.once('response', (response) => resolve(response.resume().statusCode ?? 0)).once('error', reject);
  });

const bytesOf = ({ parts }: Taken): Buffer =>
  Buffer.concat(parts.map(({ data }) => Buffer.from(data, 'base64')));

it.each([0, 1, 196_608, 196_609, 3 * MB + 7, MAX_BYTES])('passes on %i bytes as they were', async (size) => {
  const { taken, put } = await listen();
  const body = Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
  const outgoing = put();
  const status = statusOf(outgoing);
  outgoing.end(body);
  expect(await status).toBe(204);
  expect(bytesOf(taken).equals(body)).toBe(true);
  expect(taken.parts.filter(({ last }) => last)).toEqual([taken.parts.at(-1)]);
  expect(Math.max(...taken.parts.map(({ data }) => data.length))).toBeLessThanOrEqual(262_144);
  expect(taken.parts.map(({ cursor }) => cursor)).toEqual(
    taken.parts.map((_, index) => (index === 0 ? undefined : `after-${index}`)),
  );
});

it('reads no further while a part is on its way, so that a fast client fills no memory', async () => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const { taken, put } = await listen(() => held, LARGE);
  const outgoing = put();
  const status = statusOf(outgoing);
  outgoing.write(Buffer.alloc(LARGE));
  await eventually(() => expect(taken.parts).toHaveLength(1));
  await sleep(200);
  expect(taken.parts).toHaveLength(1);
  // What neither the server nor the system's buffers have taken.
  expect(outgoing.writableLength).toBeGreaterThan(0);
  release();
  outgoing.end();
  expect(await status).toBe(204);
});

it('refuses what is larger, in any encoding, and the client gets the answer', async () => {
  const { taken, put } = await listen();
  const outgoing = put();
  const status = statusOf(outgoing);
  outgoing.end(Buffer.alloc(MAX_BYTES + 1));
  expect(await status).toBe(413);
  expect(taken.parts.some(({ last }) => last)).toBe(false);
});

it('hands on a refusal of the first part before the rest has arrived', async () => {
  const { taken, put } = await listen(async () => {
    throw new AppError('image_unsupported');
  });
  const outgoing = put();
  const status = statusOf(outgoing);
  outgoing.write(Buffer.alloc(MB));
  expect(await status).toBe(415);
  outgoing.end();
  expect(taken.parts).toHaveLength(1);
});

it('never calls an upload complete that its client has broken off', async () => {
  const { taken, put } = await listen();
  const outgoing = put().on('error', () => {});
  outgoing.setHeader('content-length', MB);
  outgoing.write(Buffer.alloc(MB / 2));
  await eventually(() => expect(taken.parts.length).toBeGreaterThan(0));
  outgoing.destroy();
  await eventually(() => expect(taken.errors).toHaveLength(1));
  expect(taken.parts.some(({ last }) => last)).toBe(false);
});
