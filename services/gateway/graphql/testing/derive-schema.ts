import type { GraphQLSchema } from 'graphql';
import type { Contract } from '../../../../shared/contracts/contract.ts';
import type { PipelineParts } from '../../http/pipeline.ts';
import { schemaOf } from '../schema.ts';

/** The schema of contracts, whose fields cannot be resolved: for what is seen without a request. */
export const deriveSchema = (contracts: readonly Contract[]): GraphQLSchema => {
  const pipeline = { limitsOf: () => ({ account: null, address: null, costOf: () => 1 }) };
  const call = () => Promise.reject(new Error('nothing is called here'));
  const streams = { open: call, close: () => undefined };
  const parts = { pipeline: pipeline as unknown as PipelineParts, call };
  return schemaOf(contracts, parts, { streams, nowMs: () => 0 });
};
