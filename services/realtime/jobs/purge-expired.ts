import type { Job } from '../../../broker/process/jobs.ts';
import type { Service } from '../../../broker/process/service.ts';
import { MESSAGES_KEPT_MS } from '../../../shared/contracts/realtime.ts';
import { purgeMessages } from '../persistence/messages.ts';
import { purgeNotifications } from '../persistence/notifications.ts';
import { purgeTickets } from '../persistence/tickets.ts';

const HOUR_MS = 3_600_000;
const READ_KEPT_MS = 90 * 24 * HOUR_MS;
const UNREAD_KEPT_MS = 180 * 24 * HOUR_MS;
/** Small, so that a purge holds no lock for long and other queries run in between. */
const BATCH = 1_000;

const inBatches = async (purge: (limit: number) => Promise<number>): Promise<void> => {
  while ((await purge(BATCH)) === BATCH);
};

/** Deletes messages that no client can ask for any more, old notifications, and expired tickets. */
export const purgeExpired: Job<Pick<Service, 'db' | 'clock'>> = {
  name: 'purge-expired',
  everyMs: HOUR_MS,
  run: async ({ db, clock }) => {
    const nowMs = clock.nowMs();
    const ago = (ms: number) => new Date(nowMs - ms);
    await inBatches((limit) => purgeMessages(db, ago(MESSAGES_KEPT_MS), limit));
    const notifications = { read: ago(READ_KEPT_MS), unread: ago(UNREAD_KEPT_MS) };
    await inBatches((limit) => purgeNotifications(db, notifications, limit));
    await inBatches((limit) => purgeTickets(db, ago(0), limit));
  },
};
