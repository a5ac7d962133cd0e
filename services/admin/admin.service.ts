import { defineService } from '../../broker/process/service.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import { auditEntries } from './actions/audit-entries.ts';
import { auditPage } from './actions/audit-page.ts';
import { deadLetter } from './actions/dead-letter.ts';
import { deadLetterRuns } from './actions/dead-letter-runs.ts';
import { deadLetters } from './actions/dead-letters.ts';
import { discardDeadLetters } from './actions/discard-dead-letters.ts';
import { exportAuditCsv } from './actions/export-audit-csv.ts';
import { exportAuditJson } from './actions/export-audit-json.ts';
import { replayDeadLetters } from './actions/replay-dead-letters.ts';
import { changeSetting } from './actions/settings/change-setting.ts';
import { publicSettings } from './actions/settings/public-settings.ts';
import { settingChanges } from './actions/settings/setting-changes.ts';
import { settingCopies } from './actions/settings/setting-copies.ts';
import { settings } from './actions/settings/settings.ts';
import { system } from './actions/system.ts';
import { systemHistory } from './actions/system-history.ts';
import { adminState, type AdminState } from './admin.ts';
import { startSealer } from './audit/seal.ts';
import { config } from './config.ts';
import { startRunsWorker } from './dead-letters/worker.ts';
import { purgeRuns } from './jobs/purge-runs.ts';
import { adminSubscribers } from './subscribers/admin.ts';
import { authSubscribers, userCopy } from './subscribers/auth.ts';
import { paymentsSubscribers } from './subscribers/payments.ts';
import { profileSubscribers } from './subscribers/profile.ts';
import { startSystemWorker } from './system/worker.ts';

const auditActions = { auditEntries, auditPage, exportAuditCsv, exportAuditJson };
const deadLetterActions = { deadLetter, deadLetters, deadLetterRuns, replayDeadLetters, discardDeadLetters };
const settingActions = { publicSettings, settings, settingChanges, changeSetting, settingCopies };

export const service = defineService<typeof admin, typeof config, AdminState>({
  contract: admin,
  config,
  database: {
    env: 'ADMIN_DATABASE_URL',
    ownerEnv: 'ADMIN_OWNER_DATABASE_URL',
    appendOnly: ['entries', 'entry_people', 'chain', 'checkpoints', 'setting_changes'],
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ ADMIN_POOL_SIZE }) => ADMIN_POOL_SIZE,
  },
  development: ({ secret }) => ({ ADMIN_AUDIT_KEY: secret('audit key', '') }),
  calls: ['auth'],
  copies: [userCopy],
  actions: {
    ...auditActions,
    system,
    systemHistory,
    ...deadLetterActions,
    ...settingActions,
  },
  subscribers: [...adminSubscribers, ...authSubscribers, ...paymentsSubscribers, ...profileSubscribers],
  state: adminState,
  workers: (admin) => [startSealer(admin), startSystemWorker(admin), startRunsWorker(admin)],
  jobs: [purgeRuns],
});
