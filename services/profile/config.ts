import * as z from 'zod/mini';
import { number } from '../../broker/process/config.ts';

export const config = z.object({
  PROFILE_POOL_SIZE: number(5, 1, 100),
});
