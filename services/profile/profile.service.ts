import { defineService } from '../../broker/process/service.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { details } from './actions/details.ts';
import { preferences } from './actions/preferences.ts';
import { saveDetails } from './actions/save-details.ts';
import { savePreferences } from './actions/save-preferences.ts';
import { config } from './config.ts';

export const service = defineService<typeof profile, typeof config>({
  contract: profile,
  config,
  database: {
    env: 'PROFILE_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ PROFILE_POOL_SIZE }) => PROFILE_POOL_SIZE,
  },
  actions: { details, saveDetails, preferences, savePreferences },
});
