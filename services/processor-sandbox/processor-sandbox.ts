import { randomBytes } from 'node:crypto';
import type { Clock } from '../../broker/process/clock.ts';
import type { Logger } from '../../broker/process/logger.ts';
import type { Database } from '../../broker/postgres/database.ts';
import type { Config } from './config.ts';
import type { Faults } from './domain/faults.ts';

/** Wakes the webhook worker. */
export const WEBHOOK_EVENTS_WORK = 'events';

/** What all parts of the sandbox use. */
export type Sandbox = {
  config: Config;
  db: Database;
  clock: Clock;
  log: Logger;
  faults: Faults;
  /** Sends events to the webhook address once; those that fail stay due. */
  deliver: (ids: string[]) => Promise<void>;
};

/** `pi_` and 24 hex digits, as Stripe's ids look. */
export const stripeId = (prefix: 'pi' | 'ch' | 're' | 'evt' | 'req'): string =>
  `${prefix}_${randomBytes(12).toString('hex')}`;
