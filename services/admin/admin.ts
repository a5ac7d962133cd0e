import type * as z from 'zod/mini';
import type { Handler } from '../../broker/calls/implement.ts';
import { searchShare, type PoolShare } from '../../broker/postgres/pool-share.ts';
import type { Service } from '../../broker/process/service.ts';
import type { admin } from '../../shared/contracts/admin/admin.ts';
import { checkpointKeyOf, type CheckpointKey } from './audit/checkpoint-key.ts';
import type { config } from './config.ts';
import { publicSettingsOf, type ReadPublicSettings } from './settings/public-settings.ts';
import { systemWatch, type SystemWatch } from './system/watch.ts';

export type AdminState = {
  /** Where reads of the audit log run, on a part of the pool: entries of new events keep the rest. */
  reads: PoolShare;
  /** Signs the checkpoints of the audit log. */
  checkpointKey: CheckpointKey;
  /** All processes, as they were last seen. */
  system: SystemWatch;
  publicSettings: ReadPublicSettings;
};
export type AdminService = Service<z.output<typeof config>, AdminState>;

export const adminState = (service: Service<z.output<typeof config>, undefined>): AdminState => {
  const { db, config: settings } = service;
  return {
    reads: searchShare(db, {
      ...{ poolSize: settings.ADMIN_POOL_SIZE, share: 1 / 2 },
      ...{ waitMs: 2_000, statementMs: 2_500 },
    }),
    checkpointKey: checkpointKeyOf(settings.ADMIN_AUDIT_KEY),
    system: systemWatch(service),
    publicSettings: publicSettingsOf(db),
  };
};

/** The handler of one action of the contract, by its key. */
export type AdminAction<K extends keyof typeof admin.actions> = Handler<
  AdminService,
  (typeof admin.actions)[K]
>;
