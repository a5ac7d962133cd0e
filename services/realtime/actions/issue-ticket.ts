import { randomBytes } from 'node:crypto';
import { callerOf, type Handler } from '../../../broker/calls/implement.ts';
import type { realtime } from '../../../shared/contracts/realtime.ts';
import { saveTicket } from '../persistence/tickets.ts';
import type { RealtimeService } from '../realtime.ts';

const LIFETIME_S = 30;

/** The database stores only a hash, so that its readers cannot open sockets. */
export const issueTicket: Handler<RealtimeService, typeof realtime.actions.issueTicket> = async (
  service,
  call,
) => {
  const ticket = `tkt_${randomBytes(32).toString('base64url')}`;
  const expiresAt = new Date(service.clock.nowMs() + LIFETIME_S * 1_000);
  await saveTicket(service.db, ticket, callerOf(call), expiresAt);
  return { ticket, expiresInS: LIFETIME_S };
};
