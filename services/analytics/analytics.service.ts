import { defineService } from '../../broker/process/service.ts';
import { analytics } from '../../shared/contracts/analytics.ts';
import { experience } from './actions/experience.ts';
import { experienceByDay } from './actions/experience-by-day.ts';
import { record } from './actions/record.ts';
import { remoteExperience } from './actions/remote-experience.ts';
import { analyticsState, type AnalyticsState } from './analytics.ts';
import { config } from './config.ts';
import { startWriter } from './figures/writer.ts';
import { purgeFigures } from './jobs/purge-figures.ts';

export const service = defineService<typeof analytics, typeof config, AnalyticsState>({
  contract: analytics,
  config,
  database: {
    env: 'ANALYTICS_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ ANALYTICS_POOL_SIZE }) => ANALYTICS_POOL_SIZE,
  },
  actions: { record, experience, experienceByDay, remoteExperience },
  state: analyticsState,
  workers: (analyticsService) => [startWriter(analyticsService)],
  jobs: [purgeFigures],
});
