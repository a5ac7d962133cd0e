import * as z from 'zod/mini';
import { number } from '../../broker/process/config.ts';

export const config = z.object({
  ADMIN_POOL_SIZE: number(10, 1, 100),
});
