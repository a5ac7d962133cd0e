import { defineService } from '../../broker/process/service.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { avatar } from './actions/avatar.ts';
import { avatars } from './actions/avatars.ts';
import { dataExport } from './actions/data-export.ts';
import { details } from './actions/details.ts';
import { downloadExport } from './actions/download-export.ts';
import { exportData } from './actions/export-data.ts';
import { preferences } from './actions/preferences.ts';
import { removeAvatar } from './actions/remove-avatar.ts';
import { saveDetails } from './actions/save-details.ts';
import { savePreferences } from './actions/save-preferences.ts';
import { uploadAvatar } from './actions/upload-avatar.ts';
import { config } from './config.ts';
import { startExporter } from './exports/exporter.ts';
import { purgeJobs } from './jobs/purge.ts';
import { authSubscribers } from './subscribers/auth.ts';

const personalActions = { details, saveDetails };
const avatarActions = { uploadAvatar, removeAvatar, avatar, avatars };
const exportActions = { exportData, dataExport, downloadExport };

export const service = defineService<typeof profile, typeof config>({
  contract: profile,
  config,
  database: {
    env: 'PROFILE_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ PROFILE_POOL_SIZE }) => PROFILE_POOL_SIZE,
  },
  actions: { ...personalActions, ...avatarActions, ...exportActions, preferences, savePreferences },
  calls: ['auth', 'payments', 'realtime'],
  workers: (profileService) => [startExporter(profileService)],
  subscribers: authSubscribers,
  jobs: purgeJobs,
});
