import type { UserId } from '../../../shared/contracts/ids.ts';
import { watchLag } from '../metrics.ts';
import { oldestAfterS } from '../persistence/messages.ts';
import type { RealtimeService } from '../realtime.ts';

/** The users of one look; the next look takes others. */
const USERS_AT_ONCE = 1_000;

type Given = Pick<RealtimeService, 'db' | 'clock' | 'state'>;

/** Exports the age of the oldest message that waits for an open socket. Returns how to end it. */
export const measureLag = ({ db, clock, state: { connections } }: Given): (() => void) => {
  let start = 0;
  return watchLag(() => {
    const users = connections.users();
    start = start < users.length ? start : 0;
    const positions = new Map<UserId, number>();
    for (const userId of users.slice(start, start + USERS_AT_ONCE)) {
      const sent = connections.of(userId).flatMap(({ seq }) => (seq === null ? [] : [seq]));
      if (sent.length > 0) positions.set(userId, Math.min(...sent));
    }
    start += USERS_AT_ONCE;
    return oldestAfterS(db, positions, clock.now());
  });
};
