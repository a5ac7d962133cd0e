import { execute, GraphQLError, printSchema, subscribe, type ExecutionResult } from 'graphql';
import type { Contract } from '../../../shared/contracts/contract.ts';
import type { GatewayService } from '../gateway.ts';
import type { PipelineParts } from '../http/pipeline.ts';
import type { Asked } from './asked.ts';
import type { GraphqlContext } from './context.ts';
import { documentsOf, type Prepared } from './documents.ts';
import type { Send } from './events.ts';
import { failureOf, Refusal, type Failure } from './failures.ts';
import { schemaOf } from './schema.ts';
import { streamsOf } from './streams.ts';
import { variableErrors } from './wrong-values.ts';

type Results = AsyncGenerator<ExecutionResult, void, void>;
/** A response's body. */
export type Body = { errors?: Failure[]; data?: ExecutionResult['data'] };

/** Runs what clients ask for, however they ask. */
export const operationsOf = (
  contracts: readonly Contract[],
  service: GatewayService,
  pipeline: PipelineParts,
) => {
  const { clock, log, config } = service;
  const streams = streamsOf(service, pipeline);
  const schema = schemaOf(contracts, { pipeline, call: service.send }, { streams, nowMs: clock.nowMs });
  const prepare = documentsOf(schema, config.graphql);

  const argumentsOf = ({ document, operation }: Prepared, { variables }: Asked, context: GraphqlContext) => ({
    schema,
    document,
    operationName: operation.name?.value,
    variableValues: variables,
    contextValue: context,
    hideSuggestions: true,
  });

  /** Nothing ran: a variable does not fit its type. */
  const refusal = ({ document, operation }: Prepared, { variables }: Asked): Refusal =>
    new Refusal([variableErrors(schema, document, operation, variables)]);

  const bodyOf = ({ data, errors = [] }: ExecutionResult, requestId: string): Body => {
    const failures = errors.map((error) => failureOf(error, requestId, log));
    return { ...(failures.length > 0 && { errors: failures }), ...(data !== undefined && { data }) };
  };

  return {
    /** @throws Refusal */
    prepare,
    bodyOf,
    schema,
    schemaText: () => printSchema(schema),
    /** @throws Refusal */
    run: async (prepared: Prepared, asked: Asked, context: GraphqlContext): Promise<ExecutionResult> => {
      const result = await execute(argumentsOf(prepared, asked, context));
      if (!('data' in result)) throw refusal(prepared, asked);
      return result;
    },
    /** Opens a stream of answers. @throws Refusal, AppError the refusal of the stream */
    stream: async (prepared: Prepared, asked: Asked, context: GraphqlContext): Promise<Results> => {
      const opened = await subscribe(argumentsOf(prepared, asked, context));
      if (Symbol.asyncIterator in opened) return opened;
      const [error] = opened.errors ?? [];
      throw error?.path ? (error.originalError ?? error) : refusal(prepared, asked);
    },
    /** Sends a stream to its end; what ends it is the last answer. */
    sendAll: async (results: Results, context: GraphqlContext, send: Send): Promise<void> => {
      const { requestId, signal } = context;
      try {
        for await (const result of results) await send.next(bodyOf(result, requestId), context.seq);
      } catch (error) {
        if (signal.aborted) return;
        const failure = new GraphQLError('', { originalError: error as Error });
        await send.next(bodyOf({ errors: [failure] }, requestId), null);
      }
      if (!signal.aborted) send.complete();
    },
    close: () => streams.close(),
  };
};
export type Operations = ReturnType<typeof operationsOf>;
