import type { World } from './world.ts';

type Params = Record<string, unknown>;

/**
 * The params with which the matrix calls an action.
 * @property params valid by the schema
 * @property ownership params that name a resource of the payer, and the code with which another user is
 *   refused, unless of the role `foundBy`; `callers-own` for an action that acts on the caller's resources
 *   only; `none` for one whose resources have no owner
 */
export type Row = {
  params: (world: World) => Params;
  ownership: 'callers-own' | 'none' | { params: (world: World) => Params; code: string; foundBy?: 'ADMIN' };
};

const noParams = () => ({});
const own = (params: Row['params'] = noParams): Row => ({ params, ownership: 'callers-own' });
const unowned = (params: Row['params'] = noParams): Row => ({ params, ownership: 'none' });
const others = (params: Row['params'], code: string, more: { foundBy?: 'ADMIN' } = {}): Row => ({
  params,
  ownership: { params, code, ...more },
});

const reason = 'test of the access matrix';
const password = 'TestPassword123!';

/** A decision about a user that does not exist. */
const aboutNobody = (more: Params = {}): Row =>
  unowned(() => ({ id: `usr_${'0'.repeat(32)}`, reason, ...more }));

/** A row for each action of the contracts; the tests fail for an action without one. */
export const ROWS: Readonly<Record<string, Row>> = {
  'admin.auditEntries': unowned(),
  'admin.auditPage': unowned(),
  'admin.exportAuditCsv': unowned(),
  'admin.exportAuditJson': unowned(),
  'admin.system': unowned(),
  'admin.systemHistory': unowned(),
  'admin.deadLetters': unowned(),
  'admin.deadLetter': unowned(() => ({ id: 'admin:evt_none' })),
  'admin.replayDeadLetters': unowned(() => ({ ids: ['admin:evt_none'], reason })),
  'admin.discardDeadLetters': unowned(() => ({ ids: ['admin:evt_none'], reason })),
  'admin.deadLetterRuns': unowned(),
  'admin.publicSettings': unowned(),
  'admin.settings': unowned(),
  'admin.settingChanges': unowned(() => ({ key: 'signUpsStopped' })),
  'admin.changeSetting': unowned(() => ({ key: 'signUpsStopped', value: false, version: 0, reason })),
  'admin.settingCopies': unowned(() => ({ ids: ['signUpsStopped'] })),
  'analytics.record': unowned(() => ({ samples: [{ kind: 'lcp', of: '/payments', value: 1_200 }] })),
  'analytics.experience': unowned(),
  'analytics.experienceByDay': unowned(),
  'analytics.remoteExperience': unowned(),
  'auth.register': unowned(() => ({ email: `m${performance.now()}@example.com`, password, name: 'Matrix' })),
  'auth.login': unowned(({ payer }) => ({ email: payer.email, password })),
  'auth.tokens': unowned(({ payer }) => ({ email: payer.email, password })),
  'auth.refresh': unowned(),
  'auth.refreshTokens': unowned(() => ({ refreshToken: 'rt_unknown' })),
  'auth.logout': own(),
  'auth.me': own(),
  'auth.changeName': own(() => ({ name: 'Matrix' })),
  'auth.closeAccount': own(() => ({ password: 'wrong' })),
  'auth.changePassword': own(() => ({ currentPassword: 'wrong', newPassword: 'Another-Password-9' })),
  'auth.issueUpstreamToken': own(() => ({ audience: 'http://reports:8080' })),
  'auth.keys': unowned(),
  'auth.time': unowned(),
  'auth.findUser': unowned(({ payer }) => ({ email: payer.email })),
  'auth.userCopies': unowned(({ payer }) => ({ ids: [payer.caller.userId] })),
  'auth.createUser': unowned(() => ({ email: 'x@example.com', password, name: 'X', role: 'ADMIN' })),
  'auth.revocations': unowned(),
  'auth.sessions': own(),
  'auth.sessionsOf': unowned(({ payer }) => ({ userId: payer.caller.userId })),
  'auth.nameSession': others(({ sessionId }) => ({ id: sessionId, name: 'Laptop' }), 'session_not_found'),
  'auth.endSession': others(({ sessionId }) => ({ id: sessionId }), 'session_not_found'),
  'auth.endOtherSessions': own(),
  'auth.passwordLink': unowned(() => ({ token: 'pl_unknown' })),
  'auth.setPassword': unowned(() => ({ token: 'pl_unknown', newPassword: password })),
  'auth.users': unowned(),
  'auth.usersPage': unowned(),
  'auth.activity': unowned(),
  'auth.userDetails': unowned(({ payer }) => ({ id: payer.caller.userId })),
  'auth.userSessions': unowned(({ payer }) => ({ id: payer.caller.userId })),
  'auth.inviteUser': unowned(() => ({
    email: `i${performance.now()}@example.com`,
    name: 'Matrix',
    role: 'CUSTOMER',
    reason,
  })),
  'auth.renewInvitation': aboutNobody(),
  'auth.editUser': aboutNobody({ name: 'Matrix' }),
  'auth.setRole': aboutNobody({ role: 'VENDOR' }),
  'auth.suspend': aboutNobody(),
  'auth.suspendUsers': unowned(() => ({ ids: [`usr_${'0'.repeat(32)}`], reason })),
  'auth.restore': aboutNobody(),
  'auth.signOutUser': aboutNobody(),
  'auth.endUserSession': aboutNobody({ sessionId: `ses_${'0'.repeat(32)}` }),
  'auth.resetPassword': aboutNobody(),
  'auth.liftUserLockout': aboutNobody(),
  'auth.closeUser': aboutNobody(),
  'auth.approvals': unowned(),
  'auth.approve': unowned(() => ({ id: `apr_${'0'.repeat(32)}`, reason })),
  'auth.reject': unowned(() => ({ id: `apr_${'0'.repeat(32)}`, reason })),
  'auth.requestSettingChange': unowned(() => ({
    ...{ key: 'signUpsStopped', before: false, value: true, version: 0, reason },
  })),
  'auth.lockouts': unowned(),
  'auth.liftLockout': unowned(() => ({ id: `lck_${'0'.repeat(32)}`, reason })),
  'auth.signingKeys': unowned(),
  'auth.rotateKeys': unowned(() => ({ reason })),
  'auth.revokeKeys': unowned(() => ({ reason })),
  'payments.create': own(({ payee }) => ({
    payee: { email: payee.email },
    amountMinor: 100,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
  })),
  'payments.list': own(),
  'payments.listPage': own(),
  'payments.get': others(({ paymentId }) => ({ id: paymentId }), 'payment_not_found', { foundBy: 'ADMIN' }),
  'payments.timelines': own(({ paymentId }) => ({ ids: [paymentId] })),
  'payments.cancel': others(({ paymentId }) => ({ id: paymentId }), 'payment_not_found'),
  'payments.payees': unowned(() => ({ q: 'person' })),
  'payments.recentPayees': own(),
  'payments.records': unowned(({ paymentId }) => ({ id: paymentId })),
  'payments.report': own(() => ({ from: '2026-01-01', to: '2026-02-01' })),
  'payments.exportReport': own(() => ({ from: '2026-01-01', to: '2026-02-01' })),
  'payments.paymentsOf': unowned(({ payer }) => ({ userId: payer.caller.userId })),
  'payments.inspect': unowned(({ paymentId }) => ({ id: paymentId })),
  'payments.processorWebhook': unowned(() => ({ body: '{}' })),
  'profile.details': own(),
  'profile.saveDetails': own(() => ({ version: 0, city: 'London' })),
  'profile.uploadAvatar': own(() => ({ data: 'bm8gaW1hZ2U=', last: true })),
  'profile.removeAvatar': own(),
  'profile.avatar': unowned(({ payer }) => ({ id: payer.caller.userId })),
  'profile.avatars': unowned(({ payer }) => ({ userIds: payer.caller.userId })),
  'profile.exportData': own(),
  'profile.dataExport': own(),
  'profile.downloadExport': own(),
  'profile.preferences': own(),
  'profile.savePreferences': own(() => ({ theme: 'dark' })),
  'realtime.issueTicket': own(),
  'realtime.notifications': own(),
  'realtime.notificationsOf': unowned(({ payer }) => ({ userId: payer.caller.userId })),
  'realtime.readNotification': others(
    ({ notificationId }) => ({ id: notificationId }),
    'notification_not_found',
  ),
  'realtime.readAllNotifications': own(),
};
