import { execute, printSchema, type ExecutionResult } from 'graphql';
import * as z from 'zod/mini';
import { AppError } from '../../../broker/calls/errors.ts';
import { fieldErrorsOf } from '../../../broker/calls/implement.ts';
import type { Contract } from '../../../shared/contracts/contract.ts';
import type { GatewayService } from '../gateway.ts';
import type { Exchange } from '../http/exchange.ts';
import type { PipelineParts } from '../http/pipeline.ts';
import { readJson, readQuery, refuseOversize } from '../http/read-params.ts';
import type { Respond } from '../http/respond.ts';
import { BODY_MAX_BYTES } from '../http/routes.ts';
import { nameRoute } from '../http/visit.ts';
import { strictest, usageHeaders } from '../limits/usage.ts';
import type { GraphqlContext } from './context.ts';
import { documentsOf, type Asked, type Prepared } from './documents.ts';
import { failureOf, Refusal } from './failures.ts';
import { schemaOf } from './schema.ts';
import { variableErrors } from './wrong-values.ts';

/** All calls of a request together; the longest time limit of one action. */
const TIME_LIMIT_MS = 20_000;
const JSON_TYPE = 'application/json; charset=utf-8';
const RESPONSE_TYPE = 'application/graphql-response+json; charset=utf-8';
const BODY = { bodyMaxBytes: BODY_MAX_BYTES };

const object = z.nullish(z.record(z.string(), z.unknown()));
const asked = z.object({
  query: z.string({ error: 'must be a GraphQL document' }),
  operationName: z.nullish(z.string({ error: 'must be text' })),
  variables: object,
  extensions: object,
});

const read = (given: unknown): Asked => {
  const parsed = asked.safeParse(given);
  if (!parsed.success) throw new AppError('invalid_params', { errors: fieldErrorsOf(parsed.error.issues) });
  const { query, operationName, variables } = parsed.data;
  return { query, operationName: operationName ?? undefined, variables: variables ?? {} };
};

const jsonOf = (text: unknown): unknown => {
  if (typeof text !== 'string' || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('malformed_json');
  }
};

const readAsked = async ({ request, query }: Exchange): Promise<Asked> => {
  if (request.method === 'POST') return read(await readJson(request, BODY));
  const { variables, extensions, ...params } = readQuery(query);
  return read({ ...params, variables: jsonOf(variables), extensions: jsonOf(extensions) });
};

const contextOf = (exchange: Exchange, nowMs: number): GraphqlContext => ({
  request: exchange.request,
  requestId: exchange.requestId,
  deadlineAtMs: nowMs + TIME_LIMIT_MS,
  usage: [],
  cookies: [],
  replayed: false,
  loaders: new Map(),
});

/** GraphQL over HTTP, and its schema as text. */
export const graphqlOf = (
  contracts: readonly Contract[],
  service: GatewayService,
  pipeline: PipelineParts,
  respond: Respond,
) => {
  const { clock, log, config } = service;
  const { introspection } = config.graphql;
  const schema = schemaOf(contracts, { pipeline, call: service.send });
  const prepare = documentsOf(schema, { introspection });

  const send = (exchange: Exchange, context: GraphqlContext, result: ExecutionResult): void => {
    const { request, response, requestId } = exchange;
    const { data, errors = [] } = result;
    const failures = errors.map((error) => failureOf(error, requestId, log));
    const isModern = String(request.headers.accept).includes('application/graphql-response+json');
    const body = { ...(failures.length > 0 && { errors: failures }), ...(data !== undefined && { data }) };
    const headers = [...context.cookies, ...usageHeaders(strictest(context.usage))];
    if (context.replayed) headers.push('Idempotent-Replayed', 'true');
    // A client that takes `application/json` alone reads the errors of a 200.
    const status = data === undefined && isModern ? 400 : 200;
    const type = isModern ? RESPONSE_TYPE : JSON_TYPE;
    respond.bytes(response, requestId, status, type, JSON.stringify(body), headers);
  };

  const run = async ({ document, operation }: Prepared, { variables }: Asked, context: GraphqlContext) => {
    const result = await execute({
      schema,
      document,
      operationName: operation.name?.value,
      variableValues: variables,
      contextValue: context,
      hideSuggestions: true,
    });
    // Nothing ran: a variable does not fit its type.
    if (!('data' in result)) throw new Refusal([variableErrors(schema, document, operation, variables)]);
    return result;
  };

  const serve = async (exchange: Exchange): Promise<void> => {
    const { request, response, requestId } = exchange;
    nameRoute(request, `${request.method} ${exchange.path}`);
    refuseOversize(request, BODY);
    const context = contextOf(exchange, clock.nowMs());
    const given = await readAsked(exchange);
    try {
      const prepared = prepare(given);
      // A page of another site could send one as a link.
      if (request.method !== 'POST' && prepared.operation.operation !== 'query')
        return respond.problem(response, requestId, new AppError('method_not_allowed'), ['Allow', 'POST']);
      send(exchange, context, await run(prepared, given, context));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(exchange, context, { errors: error.errors });
    }
  };
  return { serve, schemaText: () => printSchema(schema) };
};
