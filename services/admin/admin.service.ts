import { searchShare } from '../../broker/postgres/pool-share.ts';
import { defineService } from '../../broker/process/service.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import { auditEntries } from './actions/audit-entries.ts';
import { exportAuditCsv } from './actions/export-audit-csv.ts';
import { exportAuditJson } from './actions/export-audit-json.ts';
import type { AdminState } from './admin.ts';
import { checkpointKeyOf } from './audit/checkpoint-key.ts';
import { startSealer } from './audit/seal.ts';
import { config } from './config.ts';
import { authSubscribers, userCopy } from './subscribers/auth.ts';
import { paymentsSubscribers } from './subscribers/payments.ts';
import { profileSubscribers } from './subscribers/profile.ts';

export const service = defineService<typeof admin, typeof config, AdminState>({
  contract: admin,
  config,
  database: {
    env: 'ADMIN_DATABASE_URL',
    ownerEnv: 'ADMIN_OWNER_DATABASE_URL',
    appendOnly: ['entries', 'entry_people', 'chain', 'checkpoints'],
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ ADMIN_POOL_SIZE }) => ADMIN_POOL_SIZE,
  },
  development: ({ secret }) => ({ ADMIN_AUDIT_KEY: secret('audit key', '') }),
  calls: ['auth'],
  copies: [userCopy],
  actions: { auditEntries, exportAuditCsv, exportAuditJson },
  subscribers: [...authSubscribers, ...paymentsSubscribers, ...profileSubscribers],
  state: ({ db, config }) => ({
    reads: searchShare(db, {
      ...{ poolSize: config.ADMIN_POOL_SIZE, share: 1 / 2 },
      ...{ waitMs: 2_000, statementMs: 2_500 },
    }),
    checkpointKey: checkpointKeyOf(config.ADMIN_AUDIT_KEY),
  }),
  workers: (admin) => [startSealer(admin)],
});
