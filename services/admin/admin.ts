import type * as z from 'zod/mini';
import type { Handler } from '../../broker/calls/implement.ts';
import type { PoolShare } from '../../broker/postgres/pool-share.ts';
import type { Service } from '../../broker/process/service.ts';
import type { admin } from '../../shared/contracts/admin/admin.ts';
import type { CheckpointKey } from './audit/checkpoint-key.ts';
import type { config } from './config.ts';

export type AdminState = {
  /** Where reads of the audit log run, on a part of the pool: entries of new events keep the rest. */
  reads: PoolShare;
  /** Signs the checkpoints of the audit log. */
  checkpointKey: CheckpointKey;
};
export type AdminService = Service<z.output<typeof config>, AdminState>;

/** The handler of one action of the contract, by its key. */
export type AdminAction<K extends keyof typeof admin.actions> = Handler<
  AdminService,
  (typeof admin.actions)[K]
>;
