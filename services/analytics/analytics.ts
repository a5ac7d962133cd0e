import type * as z from 'zod/mini';
import type { Handler } from '../../broker/calls/implement.ts';
import type { Service } from '../../broker/process/service.ts';
import type { analytics } from '../../shared/contracts/analytics.ts';
import type { config } from './config.ts';
import { collectFigures, type Collected } from './domain/collect.ts';

export type AnalyticsState = {
  /** What was recorded and is not in the database yet. */
  collected: Collected;
};
export type AnalyticsService = Service<z.output<typeof config>, AnalyticsState>;

/** The handler of one action of the contract, by its key. */
export type AnalyticsAction<K extends keyof typeof analytics.actions> = Handler<
  AnalyticsService,
  (typeof analytics.actions)[K]
>;

export const analyticsState = (): AnalyticsState => ({ collected: collectFigures() });
