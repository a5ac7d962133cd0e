import type { Revoked } from '../../broker/calls/revocations.ts';
import { defineService } from '../../broker/process/service.ts';
import { REVOKED_SIGNAL } from '../../shared/contracts/auth/fields.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { issueTicket } from './actions/issue-ticket.ts';
import { notifications } from './actions/notifications.ts';
import { readAllNotifications } from './actions/read-all-notifications.ts';
import { readNotification } from './actions/read-notification.ts';
import { config } from './config.ts';
import { onLockoutLifted } from './subscribers/auth.lockout-lifted.ts';
import { onPasswordChanged } from './subscribers/auth.password-changed.ts';
import { onRoleChanged, onRoleChangedBroadcast } from './subscribers/auth.role-changed.ts';
import { onSessionEnded, onSessionEndedBroadcast } from './subscribers/auth.session-ended.ts';
import { onSessionStarted } from './subscribers/auth.session-started.ts';
import { onSignInLocked } from './subscribers/auth.sign-in-locked.ts';
import { onUserChanged } from './subscribers/auth.user-changed.ts';
import { onPaymentCancelled } from './subscribers/payments.cancelled.ts';
import { onPaymentCompleted } from './subscribers/payments.completed.ts';
import { onPaymentCreated } from './subscribers/payments.created.ts';
import { onPaymentFailed } from './subscribers/payments.failed.ts';
import { onPaymentProcessing } from './subscribers/payments.processing.ts';
import { onPreferencesChanged } from './subscribers/profile.preferences-changed.ts';
import type { RealtimeService, RealtimeState } from './realtime.ts';
import { ioService } from './sockets/io-service.ts';
import { onResubscribed, revoke } from './sockets/revoke.ts';
import { realtimeState, start, stop } from './state.ts';

const account = [onUserChanged, onPasswordChanged, onRoleChanged, onPreferencesChanged];
const signIns = [onSessionStarted, onSessionEnded, onSignInLocked, onLockoutLifted];
const moving = [
  onPaymentCreated,
  onPaymentProcessing,
  onPaymentCompleted,
  onPaymentFailed,
  onPaymentCancelled,
];

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
  actions: { issueTicket, notifications, readNotification, readAllNotifications },
  subscribers: [...account, ...signIns, ...moving],
  broadcast: [onSessionEndedBroadcast, onRoleChangedBroadcast],
  signals: { [REVOKED_SIGNAL]: (realtime: RealtimeService, list: Revoked) => revoke(realtime, list) },
  disconnected: ({ state }) => state.revocations.disconnected(),
  resubscribed: (realtime) => void onResubscribed(realtime),
  state: realtimeState,
  moleculer: ioService,
  started: start,
  stopped: stop,
});
