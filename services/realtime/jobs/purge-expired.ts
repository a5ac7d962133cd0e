import { deleteInBatches, type DeleteBatch } from '../../../broker/postgres/delete-in-batches.ts';
import type { Job } from '../../../broker/process/jobs.ts';
import type { Service } from '../../../broker/process/service.ts';
import { MESSAGES_KEPT_MS } from '../../../shared/contracts/realtime.ts';
import { purgeMessages } from '../persistence/messages.ts';
import { purgeApprovals, purgeNotifications, purgeReadNotifications } from '../persistence/notifications.ts';
import { purgeTickets } from '../persistence/tickets.ts';

const HOUR_MS = 3_600_000;
const READ_KEPT_MS = 90 * 24 * HOUR_MS;
const UNREAD_KEPT_MS = 180 * 24 * HOUR_MS;

/** Deletes messages that no client can ask for any more, old notifications and approvals, and old tickets. */
export const purgeExpired: Job<Pick<Service, 'db' | 'clock'>> = {
  name: 'purge-expired',
  everyMs: HOUR_MS,
  run: async ({ db, clock }, signal) => {
    const nowMs = clock.nowMs();
    const ago = (ms: number) => new Date(nowMs - ms);
    const purges: DeleteBatch[] = [
      (limit) => purgeMessages(db, ago(MESSAGES_KEPT_MS), limit),
      (limit) => purgeReadNotifications(db, ago(READ_KEPT_MS), limit),
      (limit) => purgeNotifications(db, ago(UNREAD_KEPT_MS), limit),
      (limit) => purgeApprovals(db, ago(UNREAD_KEPT_MS), limit),
      (limit) => purgeTickets(db, ago(0), limit),
    ];
    for (const purge of purges) await deleteInBatches(purge, { signal });
  },
};
