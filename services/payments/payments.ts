import type * as z from 'zod/mini';
import { searchShare, type PoolShare } from '../../broker/postgres/pool-share.ts';
import type { Service } from '../../broker/process/service.ts';
import type { config } from './config.ts';
import { measured } from './processor/measured.ts';
import { createProcessor, type Processor } from './processor/client.ts';
import { traced } from './processor/traced.ts';

export type PaymentsState = {
  processor: Processor;
  /** Where searches by text run, on a part of the pool. */
  searches: PoolShare;
};
type PaymentsConfig = z.output<typeof config>;
export type PaymentsService = Service<PaymentsConfig, PaymentsState>;

/** The state of a process. */
export const paymentsState = ({ db, config }: Service<PaymentsConfig, undefined>): PaymentsState => ({
  processor: measured(
    traced(
      createProcessor({
        url: config.PROCESSOR_URL,
        secretKey: config.STRIPE_SECRET_KEY,
        timeoutMs: config.PROCESSOR_TIMEOUT_MS,
      }),
    ),
  ),
  searches: searchShare(db, {
    ...{ poolSize: config.PAYMENTS_POOL_SIZE, share: 1 / 3 },
    ...{ waitMs: 2_500, statementMs: 2_000 },
  }),
});
