import * as z from 'zod/mini';
import { flag, number, secret } from '../../broker/process/config.ts';

export const config = z.object({
  ADMIN_POOL_SIZE: number(10, 1, 100),
  /** The key that signs the checkpoints of the audit log follows from it. */
  ADMIN_AUDIT_KEY: secret(32),
  /** Whether this process makes demo data: it ends on purpose, so nobody should see it leave. */
  DEMO_RUN: flag,
});
