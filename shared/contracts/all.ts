import { admin } from './admin/admin.ts';
import { analytics } from './analytics.ts';
import { auth } from './auth/auth.ts';
import type { Contract } from './contract.ts';
import { payments } from './payments.ts';
import { profile } from './profile.ts';
import { realtime } from './realtime.ts';

/** The contracts of all services: the routes of the gateway and the API documentation. */
export const CONTRACTS: readonly Contract[] = [admin, analytics, auth, payments, profile, realtime];
