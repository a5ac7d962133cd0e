import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { trackConnections } from '../../../broker/process/connections.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export type Upstream = {
  origin: string;
  /** The requests so far, each with its body once that has arrived. */
  seen: { request: IncomingMessage; body: string }[];
  /** Handles the next requests. Without it they get their method, target, headers and body. */
  handle(handler: Handler): void;
  /** Handles requests as soon as their head has arrived. */
  stream(handler: (request: IncomingMessage, response: ServerResponse) => void): void;
  /** Handles requests that wait for 100. */
  expect(handler: (request: IncomingMessage, response: ServerResponse) => void): void;
  reset(): void;
  stop(): Promise<void>;
};

export type Echo = { method: string; target: string; headers: Record<string, string>; body: string };

const echo: Handler = ({ method, url, headers }, response, body) =>
  response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ method, target: url, headers, body }));

/** A server of HTTP that is no service of ours. */
export const startUpstream = async (): Promise<Upstream> => {
  const seen: Upstream['seen'] = [];
  let handler = echo;
  let streaming: Parameters<Upstream['stream']>[0] | null = null;
  let expecting: Parameters<Upstream['expect']>[0] | null = null;
  const server = createServer((request, response) => {
    const one = { request, body: '' };
    seen.push(one);
    request.on('error', () => undefined);
    if (streaming) return streaming(request, response);
    request.setEncoding('utf8').on('data', (chunk: string) => (one.body += chunk));
    request.once('end', () => handler(request, response, one.body));
  });
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    if (expecting) return expecting(request, response);
    response.writeContinue();
    server.emit('request', request, response);
  });
  const connections = trackConnections(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    handle: (next) => (handler = next),
    stream: (next) => (streaming = next),
    expect: (next) => (expecting = next),
    reset: () => {
      handler = echo;
      streaming = null;
      expecting = null;
      seen.length = 0;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        connections.closeAll();
      }),
  };
};
