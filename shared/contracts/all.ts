import { auth } from './auth/auth.ts';
import type { Contract } from './contract.ts';
import { payments } from './payments.ts';
import { profile } from './profile.ts';
import { realtime } from './realtime.ts';

/** Every service's contract: what the gateway serves and what documentation tells of. */
export const CONTRACTS: readonly Contract[] = [auth, payments, profile, realtime];
