import * as z from 'zod/mini';
import { number } from '../../broker/process/config.ts';

export const config = z.object({
  ANALYTICS_POOL_SIZE: number(3, 1, 100),
  /** Figures of older days are deleted. */
  ANALYTICS_KEPT_MONTHS: number(13, 1, 120),
});
