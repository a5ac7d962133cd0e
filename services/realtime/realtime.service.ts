import { defineService } from '../../broker/process/service.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { issueTicket } from './actions/issue-ticket.ts';
import { notificationsOf } from './actions/notifications-of.ts';
import { notifications } from './actions/notifications.ts';
import { readAllNotifications } from './actions/read-all-notifications.ts';
import { readNotification } from './actions/read-notification.ts';
import { config } from './config.ts';
import { purgeExpired } from './jobs/purge-expired.ts';
import { realtimeState, type RealtimeState } from './realtime.ts';
import { ioService, startListening } from './sockets/io-service.ts';
import { noticeSettings } from './sockets/notice.ts';
import { closeRevoked } from './sockets/revoke.ts';
import { adminBroadcast, adminSignals, adminSubscribers } from './subscribers/admin.ts';
import { authBroadcast, authSignals, authSubscribers, userCopy } from './subscribers/auth.ts';
import { paymentsSubscribers } from './subscribers/payments.ts';
import { profileSubscribers } from './subscribers/profile.ts';

export const service = defineService<typeof realtime, typeof config, RealtimeState>({
  contract: realtime,
  config,
  portOffset: 94,
  development: ({ portOf }) => ({ REALTIME_PORT: String(portOf('realtime')) }),
  database: {
    env: 'REALTIME_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ poolSize }) => poolSize,
  },
  calls: ['auth'],
  copies: [userCopy],
  actions: { issueTicket, notifications, notificationsOf, readNotification, readAllNotifications },
  subscribers: [...adminSubscribers, ...authSubscribers, ...paymentsSubscribers, ...profileSubscribers],
  broadcast: [...authBroadcast, ...adminBroadcast],
  signals: [...authSignals, ...adminSignals],
  disconnected: ({ state }) => state.revocations.disconnected(),
  resubscribed: (realtime) => {
    void closeRevoked(realtime.state);
    noticeSettings(realtime);
  },
  jobs: [purgeExpired],
  state: realtimeState,
  moleculer: ioService,
  started: startListening,
});
