import type { Contract } from '../../../shared/contracts/contract.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { GatewayService } from '../gateway.ts';
import type { Exchange, Serve } from '../http/exchange.ts';
import type { PipelineParts } from '../http/pipeline.ts';
import type { Respond } from '../http/respond.ts';

const GRAPHQL_PATH = '/api/graphql';
const SCHEMA_PATH = '/api/graphql/schema';
const TEXT_TYPE = 'text/plain; charset=utf-8';

/**
 * The paths of GraphQL by method. The library and the schema, which take a tenth of a second and 20 MB, are
 * loaded with the first request.
 */
export const graphqlPaths = (
  contracts: readonly Contract[],
  service: GatewayService,
  parts: PipelineParts,
  respond: Respond,
  limited: (serve: Serve) => Serve,
): ReadonlyMap<string, ReadonlyMap<string, Serve>> => {
  const load = async () => (await import('./serve.ts')).graphqlOf(contracts, service, parts, respond);
  let loading: ReturnType<typeof load> | null = null;
  const entry = (
    serve: (door: Awaited<ReturnType<typeof load>>, exchange: Exchange) => Promise<void> | void,
  ) =>
    limited((exchange) => {
      loading ??= load();
      loading
        .then((door) => serve(door, exchange))
        .catch((error: unknown) => respond.problem(exchange.response, exchange.requestId, error));
    });
  const serve = entry((door, exchange) => door.serve(exchange));
  const schema = entry((door, { response, requestId }) => {
    if (!service.config.graphql.introspection) throw new AppError('not_found');
    respond.bytes(response, requestId, 200, TEXT_TYPE, door.schemaText());
  });
  return new Map([
    [
      GRAPHQL_PATH,
      new Map([
        ['GET', serve],
        ['POST', serve],
      ]),
    ],
    [SCHEMA_PATH, new Map([['GET', schema]])],
  ]);
};
