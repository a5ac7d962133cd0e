import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Contract } from '../../../shared/contracts/contract.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { GatewayService } from '../gateway.ts';
import type { Exchange, Serve } from '../http/exchange.ts';
import type { PipelineParts } from '../http/pipeline.ts';
import { requestIdOf } from '../http/request-id.ts';
import type { Respond } from '../http/respond.ts';
import { responseOn } from '../http/upgrades.ts';

const GRAPHQL_PATH = '/api/graphql';
const SCHEMA_PATH = '/api/graphql/schema';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/** GraphQL at its paths, by method, and over WebSockets. `close` ends all streams. */
export type Graphql = {
  paths: ReadonlyMap<string, ReadonlyMap<string, Serve>>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
};

export const isGraphqlPath = (path: string): boolean => path === GRAPHQL_PATH;

/**
 * The library and the schema, which take a tenth of a second and 20 MB, are loaded with the first request.
 * @param count counts a request of an address; rejects as the refusal
 */
export const openGraphql = (
  contracts: readonly Contract[],
  service: GatewayService,
  parts: PipelineParts,
  respond: Respond,
  count: (request: IncomingMessage) => Promise<void>,
): Graphql => {
  const load = async () => {
    const [{ operationsOf }, { serveGraphql }, { graphqlSockets }] = await Promise.all([
      import('./operations.ts'),
      import('./serve.ts'),
      import('./web-sockets.ts'),
    ]);
    const operations = operationsOf(contracts, service, parts);
    const { clock } = service;
    const sockets = graphqlSockets(operations, clock, count);
    return { operations, sockets, serve: serveGraphql(operations, respond, clock) };
  };
  type Loaded = Awaited<ReturnType<typeof load>>;
  let loading: Promise<Loaded> | null = null;
  const loaded = (): Promise<Loaded> => (loading ??= load());

  const entry =
    (serve: (loaded: Loaded, exchange: Exchange) => Promise<void> | void): Serve =>
    (exchange) => {
      const { request, response, requestId } = exchange;
      count(request)
        .then(loaded)
        .then((all) => serve(all, exchange))
        .catch((error: unknown) => respond.problem(response, requestId, error));
    };
  const serve = entry((all, exchange) => all.serve(exchange));
  const schema = entry(({ operations }, { response, requestId }) => {
    if (!service.config.graphql.introspection) throw new AppError('not_found');
    respond.bytes(response, requestId, 200, TEXT_TYPE, operations.schemaText());
  });

  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    const { access, refresh } = parts.cookies.read(request);
    parts.checkCrossSite(request, access !== null || refresh !== null);
    await count(request);
    (await loaded()).sockets.upgrade(request, socket, head);
  };
  const bothMethods = new Map([
    ['GET', serve],
    ['POST', serve],
  ]);
  return {
    paths: new Map([
      [GRAPHQL_PATH, bothMethods],
      [SCHEMA_PATH, new Map([['GET', schema]])],
    ]),
    upgrade: (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      upgrade(request, socket, head).catch((error: unknown) =>
        respond.problem(responseOn(request, socket as Socket), requestIdOf(request), error),
      );
    },
    close: () =>
      void loading?.then(({ operations, sockets }) => {
        operations.close();
        sockets.close();
      }),
  };
};
