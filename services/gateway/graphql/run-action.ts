import type { Service } from '../../../broker/process/service.ts';
import type { Action } from '../../../shared/contracts/contract.ts';
import { accessRulesOf } from '../authentication/access-rules.ts';
import { pipelineOf, type PipelineParts } from '../http/pipeline.ts';
import type { Usage } from '../limits/usage.ts';
import type { GraphqlContext } from './context.ts';

type Params = Record<string, unknown>;

/** What the resolvers need of the gateway. */
export type Parts = { pipeline: PipelineParts; call: Service['send'] };

/** Runs an action for a request; throws an AppError as the refusal. */
export type RunAction = (params: Params, context: GraphqlContext, key?: string) => Promise<unknown>;

/** The steps between a field and its action: those of a route of REST, with params that are read already. */
export const runActionOf = (action: Action, write: boolean, { pipeline: parts, call }: Parts): RunAction => {
  const pipeline = pipelineOf(accessRulesOf(action, write), parts);
  return async (params, context, key) => {
    const { request, requestId, deadlineAtMs } = context;
    const usage: Usage = [];
    try {
      const query = Object.keys(params).join('&');
      const admitted = await pipeline.admit({ request, requestId, query, usage });
      await pipeline.prepare(params, admitted);
      const idempotencyKey = key ?? admitted.options.idempotencyKey ?? null;
      const options = { ...admitted.options, idempotencyKey, deadlineAtMs };
      const { result, replayed } = await call(action, params as never, options);
      context.replayed ||= replayed;
      const { body, headers } = pipeline.settle(result, { ...admitted, usage: [] });
      context.cookies.push(...headers);
      return body;
    } finally {
      context.usage.push(...usage);
    }
  };
};
