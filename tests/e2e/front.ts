import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = { status?: number; type?: string; caching?: string; body: string };

/** A server in front of the instance: what it serves can become another build, break, or be cut off. */
export type Front = {
  url: string;
  /** Paths that it answers itself. */
  answers: Map<string, Answer>;
  /** Paths that were asked for, in order. */
  asked: string[];
  /** Ends requests for these paths without an answer; null for none. */
  cut: RegExp | null;
  stop(): Promise<void>;
};

const forward = (to: URL, incoming: IncomingMessage, outgoing: ServerResponse): void => {
  const { method, url: path, headers } = incoming;
  // The gateway takes writes from its own pages only.
  const own = { host: to.host, ...(headers.origin && { origin: to.origin }) };
  const sent = request({ host: to.hostname, port: to.port, method, path, headers: { ...headers, ...own } });
  sent.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(outgoing);
  });
  sent.on('error', () => outgoing.destroy());
  incoming.pipe(sent);
};

/** Starts it on a port of its own. @param upstream the instance's URL */
export const startFront = async (upstream: string): Promise<Front> => {
  const to = new URL(upstream);
  const server = createServer((incoming, outgoing) => {
    const { pathname } = new URL(incoming.url ?? '/', to);
    front.asked.push(pathname);
    if (front.cut?.test(pathname)) return void outgoing.destroy();
    const answer = front.answers.get(pathname);
    if (answer === undefined) return forward(to, incoming, outgoing);
    const { status = 200, type = 'text/javascript', caching = 'no-cache', body } = answer;
    outgoing.writeHead(status, { 'content-type': type, 'cache-control': caching }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const front: Front = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    answers: new Map(),
    asked: [],
    cut: null,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return front;
};
