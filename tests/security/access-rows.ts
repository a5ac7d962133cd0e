import type { World } from './world.ts';

type Params = Record<string, unknown>;

/**
 * What is tried with one action beside what its permission says already.
 * @property params good enough to get past the schema, for somebody who is allowed
 * @property othersOwn params that name something of the payer's, asked by somebody who has no part in it, and
 *   the code that answers; `own` where an action can name nothing of anybody else; `nobody` where nothing
 *   belongs to anybody
 */
export type Row = {
  params: (world: World) => Params;
  othersOwn: 'own' | 'nobody' | { params: (world: World) => Params; code: string };
};

const none = () => ({});
const own = (params: Row['params'] = none): Row => ({ params, othersOwn: 'own' });
const nobody = (params: Row['params'] = none): Row => ({ params, othersOwn: 'nobody' });
const others = (params: Row['params'], code: string): Row => ({ params, othersOwn: { params, code } });

const reason = 'tried by the access matrix';
const password = 'TestPassword123!';

/** A row for each action of the contracts: an action without one fails the tests. */
export const ROWS: Readonly<Record<string, Row>> = {
  'auth.register': nobody(() => ({ email: `m${performance.now()}@example.com`, password, name: 'Matrix' })),
  'auth.login': nobody(({ payer }) => ({ email: payer.email, password })),
  'auth.tokens': nobody(({ payer }) => ({ email: payer.email, password })),
  'auth.refresh': nobody(),
  'auth.refreshTokens': nobody(() => ({ refreshToken: 'rt_unknown' })),
  'auth.logout': own(),
  'auth.me': own(),
  'auth.changePassword': own(() => ({ currentPassword: 'wrong', newPassword: 'Another-Password-9' })),
  'auth.keys': nobody(),
  'auth.time': nobody(),
  'auth.findUser': nobody(({ payer }) => ({ email: payer.email })),
  'auth.createUser': nobody(() => ({ email: 'x@example.com', password, name: 'X', role: 'ADMIN' })),
  'auth.revocations': nobody(),
  'auth.sessions': own(),
  'auth.endSession': others(({ sessionId }) => ({ id: sessionId }), 'session_not_found'),
  'auth.endOtherSessions': own(),
  'auth.suspend': nobody(() => ({ id: `usr_${'0'.repeat(32)}`, reason })),
  'auth.restore': nobody(() => ({ id: `usr_${'0'.repeat(32)}`, reason })),
  'auth.setRole': nobody(() => ({ id: `usr_${'0'.repeat(32)}`, role: 'VENDOR', reason })),
  'auth.lockouts': nobody(),
  'auth.liftLockout': nobody(() => ({ id: `lck_${'0'.repeat(32)}`, reason })),
  'auth.signingKeys': nobody(),
  'auth.rotateKeys': nobody(() => ({ reason })),
  'payments.create': own(({ payee }) => ({
    payee: { email: payee.email },
    amountMinor: 100,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
  })),
  'payments.list': own(),
  'payments.get': others(({ paymentId }) => ({ id: paymentId }), 'payment_not_found'),
  'payments.cancel': others(({ paymentId }) => ({ id: paymentId }), 'payment_not_found'),
  'payments.payees': nobody(() => ({ q: 'person' })),
  'payments.inspect': nobody(({ paymentId }) => ({ id: paymentId })),
  'payments.processorWebhook': nobody(() => ({ body: '{}' })),
  'profile.preferences': own(),
  'profile.savePreferences': own(() => ({ theme: 'dark' })),
  'realtime.issueTicket': own(),
  'realtime.notifications': own(),
  'realtime.readNotification': others(
    ({ notificationId }) => ({ id: notificationId }),
    'notification_not_found',
  ),
  'realtime.readAllNotifications': own(),
};
