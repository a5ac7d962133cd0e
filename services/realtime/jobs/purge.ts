import { MESSAGES_KEPT_MS } from '../../../shared/contracts/realtime.ts';
import { purgeMessages } from '../persistence/messages.ts';
import { purgeNotifications } from '../persistence/notifications.ts';
import { purgeTickets } from '../persistence/tickets.ts';
import type { RealtimeService } from '../realtime.ts';

const DAY_MS = 24 * 3_600_000;
const READ_KEPT_MS = 90 * DAY_MS;
const UNREAD_KEPT_MS = 180 * DAY_MS;
const EVERY_MS = 3_600_000;
/** Small, so that forgetting holds no lock for long and leaves the server to others in between. */
const BATCH = 1_000;

const inBatches = async (forget: (limit: number) => Promise<number>): Promise<void> => {
  while ((await forget(BATCH)) === BATCH);
};

/** Deletes what nobody can ask for any more. */
export const forget = async ({ db, clock }: Pick<RealtimeService, 'db' | 'clock'>): Promise<void> => {
  const nowMs = clock.nowMs();
  const ago = (ms: number) => new Date(nowMs - ms);
  await inBatches((limit) => purgeMessages(db, ago(MESSAGES_KEPT_MS), limit));
  const notifications = { read: ago(READ_KEPT_MS), unread: ago(UNREAD_KEPT_MS) };
  await inBatches((limit) => purgeNotifications(db, notifications, limit));
  await inBatches((limit) => purgeTickets(db, ago(0), limit));
};

/** Forgets at the start and every hour, in the background; returns what ends it. */
export const startPurging = (service: Pick<RealtimeService, 'db' | 'clock' | 'log'>): (() => void) => {
  const run = () => {
    forget(service).catch((error: unknown) => {
      service.log.warn({ err: error }, 'old messages were not deleted');
    });
  };
  run();
  const timer = setInterval(run, EVERY_MS).unref();
  return () => clearInterval(timer);
};
