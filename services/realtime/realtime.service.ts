import type { Revoked } from '../../broker/revocations.ts';
import { PORT_OFFSETS } from '../../broker/ports.ts';
import { defineRoom } from '../../broker/room.ts';
import { REVOKED_HINT } from '../../shared/contracts/auth-fields.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { issueTicket } from './actions/issue-ticket.ts';
import { notifications } from './actions/notifications.ts';
import { readAllNotifications } from './actions/read-all-notifications.ts';
import { readNotification } from './actions/read-notification.ts';
import { config } from './config.ts';
import { onLockoutLifted } from './listeners/auth.lockout-lifted.ts';
import { onPasswordChanged } from './listeners/auth.password-changed.ts';
import { onRoleChanged, onRoleChangedEverywhere } from './listeners/auth.role-changed.ts';
import { onSessionEnded, onSessionEndedEverywhere } from './listeners/auth.session-ended.ts';
import { onSessionStarted } from './listeners/auth.session-started.ts';
import { onSignInLocked } from './listeners/auth.sign-in-locked.ts';
import { onUserChanged } from './listeners/auth.user-changed.ts';
import { onPaymentCancelled } from './listeners/payments.cancelled.ts';
import { onPaymentCompleted } from './listeners/payments.completed.ts';
import { onPaymentCreated } from './listeners/payments.created.ts';
import { onPaymentFailed } from './listeners/payments.failed.ts';
import { onPaymentProcessing } from './listeners/payments.processing.ts';
import { onPreferencesChanged } from './listeners/profile.preferences-changed.ts';
import type { RealtimeRoom, RealtimeState } from './realtime-room.ts';
import { ioService } from './sockets/io-service.ts';
import { hearAgain, revoke } from './sockets/revoke.ts';
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

export const room = defineRoom<typeof realtime, typeof config, RealtimeState>({
  contract: realtime,
  config,
  development: ({ port }) => ({ REALTIME_PORT: String(port + PORT_OFFSETS.realtime) }),
  database: {
    env: 'REALTIME_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ poolSize }) => poolSize,
  },
  calls: ['auth'],
  actions: { issueTicket, notifications, readNotification, readAllNotifications },
  listeners: [...account, ...signIns, ...moving],
  everywhere: [onSessionEndedEverywhere, onRoleChangedEverywhere],
  hints: { [REVOKED_HINT]: (realtime: RealtimeRoom, list: Revoked) => revoke(realtime, list) },
  deaf: ({ state }) => state.revocations.deaf(),
  hearsAgain: (realtime) => void hearAgain(realtime),
  state: realtimeState,
  service: ioService,
  started: start,
  stopped: stop,
});
