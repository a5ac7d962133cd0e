import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from '../../../broker/process/http.ts';
import type { AddressInfo } from 'node:net';
import { isAppError } from '../../../broker/calls/errors.ts';
import { serverError } from '../domain/problem.ts';
import { stripeId, type Sandbox } from '../processor-sandbox.ts';
import { refused, type Reply } from './reply.ts';
import { answer } from './routes.ts';

const BODY_MAX_BYTES = 64 * 1024;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 60_000;
/** How long a request without an answer keeps its connection. */
const UNANSWERED_MS = 120_000;

const tooLarge = refused({
  status: 413,
  type: 'invalid_request_error',
  message: `A request can have at most ${BODY_MAX_BYTES} bytes.`,
});

/** The body as text; null when it is too large (the rest is not read). */
const bodyOf = async (message: IncomingMessage): Promise<string | null> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_MAX_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

const respond = async (
  sandbox: Sandbox,
  message: IncomingMessage,
  requestId: string,
): Promise<Reply | null> => {
  const body = await bodyOf(message);
  if (body === null) return { ...tooLarge, headers: { Connection: 'close' } };
  const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s);
  return answer(sandbox, {
    id: requestId,
    method: message.method ?? 'GET',
    path,
    query,
    body,
    headers: {
      authorization: message.headers.authorization,
      'idempotency-key': textOf(message.headers['idempotency-key']),
    },
    address: message.socket.remoteAddress ?? '',
  });
};

const failed = (sandbox: Sandbox, error: unknown, requestId: string): Reply => {
  sandbox.log.error({ err: error, requestId }, 'the processor sandbox could not answer');
  const lost = isAppError(error) && error.code === 'unavailable';
  // Nothing was stored under the key: a retry makes sense.
  return {
    ...refused({ ...serverError, status: lost ? 503 : 500 }),
    headers: { 'Stripe-Should-Retry': 'true', ...(lost && { 'Retry-After': '1' }) },
  };
};

const handle = async (
  sandbox: Sandbox,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const requestId = stripeId('req');
  const reply = await respond(sandbox, message, requestId).catch((error: unknown) =>
    message.destroyed && !message.complete ? null : failed(sandbox, error, requestId),
  );
  if (!reply) {
    setTimeout(() => response.destroy(), UNANSWERED_MS).unref();
    return;
  }
  const version = textOf(message.headers['stripe-version']);
  const key = textOf(message.headers['idempotency-key']);
  response.writeHead(reply.status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(reply.body),
    'Request-Id': requestId,
    ...(version && { 'Stripe-Version': version }),
    ...(key && { 'Idempotency-Key': key }),
    ...reply.headers,
  });
  response.end(reply.body);
};

/** Starts to listen. Returns the server and its address. */
export const listen = async (sandbox: Sandbox): Promise<{ server: Server; url: string }> => {
  const { host, port } = sandbox.config;
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS, noDelay: true },
    (message, response) => void handle(sandbox, message, response),
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { server, url: `http://${host}:${(server.address() as AddressInfo).port}` };
};
