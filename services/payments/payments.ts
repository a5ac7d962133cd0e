import type * as z from 'zod/mini';
import type { PoolShare } from '../../broker/postgres/pool-share.ts';
import type { Service } from '../../broker/process/service.ts';
import type { config } from './config.ts';
import type { Processor } from './processor/client.ts';

export type PaymentsState = {
  processor: Processor;
  /** Where searches by text run, on a part of the pool. */
  searches: PoolShare;
};
export type PaymentsService = Service<z.output<typeof config>, PaymentsState>;
