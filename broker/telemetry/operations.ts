import type { Server, ServerResponse } from 'node:http';
import { register } from 'prom-client';
import { createServer } from '../process/http.ts';
import type { Readiness } from '../process/health.ts';
import { measureRuntime } from './runtime-metrics.ts';

export type OperationsOptions = { host: string; port: number; readiness: () => Promise<Readiness> };

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  response.end(JSON.stringify(body));
};

/**
 * Serves operators and orchestrators on a port that no edge forwards: `/metrics` in Prometheus' text format,
 * `/health/live` (the process answers) and `/health/ready` (all dependencies are available, else 503 with
 * those that are not).
 */
export const serveOperations = async ({ host, port, readiness }: OperationsOptions): Promise<Server> => {
  measureRuntime();
  const metrics = async (response: ServerResponse) => {
    const text = await register.metrics();
    response.writeHead(200, { 'content-type': register.contentType }).end(text);
  };
  const ready = async (response: ServerResponse) => {
    const { ok, checks } = await readiness();
    answer(response, ok ? 200 : 503, { status: ok ? 'ready' : 'not ready', checks });
  };
  const pages: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/metrics': metrics,
    '/health/live': async (response) => answer(response, 200, { status: 'ok' }),
    '/health/ready': ready,
  };
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ''];
    if (!page) return void response.writeHead(404).end();
    page(response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  return server;
};
