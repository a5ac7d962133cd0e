import type { Copy } from '../../../broker/copies/copy.ts';
import { onSignal } from '../../../broker/calls/signals.ts';
import { subscribe, type EventDelivery } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import {
  approvalNotifications,
  lockoutNotifications,
  sessionEndNotifications,
  signInNotifications,
} from '../domain/notifications.ts';
import { messagesFor, sendMessages } from '../messages/send.ts';
import { userNames } from '../messages/user-names.ts';
import { resolveApproval } from '../notifications/change-read.ts';
import { anonymise, saveApproval } from '../persistence/notifications.ts';
import { deleteAllTickets, deleteTickets } from '../persistence/tickets.ts';
import { readAdmins, saveUser } from '../persistence/users.ts';
import type { RealtimeService } from '../realtime.ts';
import { sendNotice } from '../sockets/notice.ts';
import { revoke } from '../sockets/revoke.ts';

const { approvalsChanged, lockoutsChanged, sessionsChanged, userAdministered, userChanged } =
  realtime.messages;
const { approvalGiven, approvalRejected, invitationRenewed, userSignedOut } = auth.events;
const { sessionEnded, sessionNamed, sessionStarted } = auth.events;

const onUserChanged = subscribe(
  auth.events.userChanged,
  async (service: RealtimeService, { payload: user, tx }) => {
    await saveUser(tx, user);
    if (user.status === 'deleted') await anonymise(tx, user);
    const { id, version } = user;
    const messages = messagesFor(userChanged, [id, ...(await readAdmins(tx))], { id, version });
    await sendMessages(service, tx, messages);
  },
  { latest: { key: ({ id }) => id, version: ({ version }) => version } },
);

const onPasswordChanged = subscribe(
  auth.events.passwordChanged,
  async (service: RealtimeService, { payload: { userId: to, at }, tx }) =>
    sendMessages(service, tx, [], [{ to, kind: 'always', content: { type: 'password_changed' }, at }]),
);

const onRoleChanged = subscribe(
  auth.events.roleChanged,
  async (service: RealtimeService, { payload: { userId: to, role, at }, tx }) => {
    await deleteTickets(tx, { userId: to });
    await sendMessages(
      service,
      tx,
      [],
      [{ to, kind: 'always', content: { type: 'role_changed', role }, at }],
    );
  },
);

const onSessionStarted = subscribe(
  auth.events.sessionStarted,
  async (service: RealtimeService, { payload, tx }) => {
    const { userId, sessionId } = payload;
    await sendMessages(
      service,
      tx,
      messagesFor(sessionsChanged, [userId], { sessionId }),
      signInNotifications(payload),
    );
  },
);

const onSessionNamed = subscribe(
  auth.events.sessionNamed,
  async (service: RealtimeService, { payload: { userId, sessionId }, tx }) =>
    sendMessages(service, tx, messagesFor(sessionsChanged, [userId], { sessionId })),
);

const onSessionEnded = subscribe(
  auth.events.sessionEnded,
  async (service: RealtimeService, { payload, tx }) => {
    const { userId, sessionId } = payload;
    await deleteTickets(tx, { userId, sessionId });
    const messages = messagesFor(sessionsChanged, [userId], { sessionId });
    await sendMessages(service, tx, messages, sessionEndNotifications(payload));
  },
);

const onSignInLocked = subscribe(
  auth.events.signInLocked,
  async (service: RealtimeService, { payload, tx }) => {
    const messages = messagesFor(lockoutsChanged, await readAdmins(tx), { subject: payload.subject });
    await sendMessages(service, tx, messages, lockoutNotifications(payload));
  },
);

const onLockoutLifted = subscribe(
  auth.events.lockoutLifted,
  async (service: RealtimeService, { payload: { subject }, tx }) =>
    sendMessages(service, tx, messagesFor(lockoutsChanged, await readAdmins(tx), { subject })),
);

/** What other administrators would not see from `userChanged`, because no field of the user has changed. */
const onAdministered = async (
  service: RealtimeService,
  { payload: { userId: id }, tx }: EventDelivery<typeof userSignedOut | typeof invitationRenewed>,
): Promise<void> => sendMessages(service, tx, messagesFor(userAdministered, await readAdmins(tx), { id }));

const onApprovalRequested = subscribe(
  auth.events.approvalRequested,
  async (service: RealtimeService, { payload, tx }) => {
    const admins = await readAdmins(tx);
    const nameOf = await userNames(service, tx, [payload.requestedBy]);
    const messages = messagesFor(approvalsChanged, admins, { id: payload.approvalId });
    const decided = await saveApproval(tx, payload.approvalId, false, service.clock.now());
    const notifications = decided ? [] : approvalNotifications(payload, admins, nameOf(payload.requestedBy));
    await sendMessages(service, tx, messages, notifications);
  },
);

const onApprovalDecided = async (
  service: RealtimeService,
  { payload, tx }: EventDelivery<typeof approvalGiven | typeof approvalRejected>,
): Promise<void> => {
  const admins = await readAdmins(tx);
  await saveApproval(tx, payload.approvalId, true, service.clock.now());
  const read = await resolveApproval(service, tx, payload, admins);
  await sendMessages(service, tx, [
    ...read,
    ...messagesFor(approvalsChanged, admins, { id: payload.approvalId }),
  ]);
};

/** A ticket may have been issued for a token that was forged with a revoked key. */
const onKeysRevoked = subscribe(auth.events.keysRevoked, (_service: RealtimeService, { tx }) =>
  deleteAllTickets(tx),
);

export const authSubscribers = [
  onUserChanged,
  onPasswordChanged,
  onRoleChanged,
  onSessionStarted,
  onSessionNamed,
  onSessionEnded,
  onSignInLocked,
  onLockoutLifted,
  subscribe(userSignedOut, onAdministered),
  subscribe(invitationRenewed, onAdministered),
  onApprovalRequested,
  subscribe(approvalGiven, onApprovalDecided),
  subscribe(approvalRejected, onApprovalDecided),
  onKeysRevoked,
];

type SessionEvent = typeof sessionStarted | typeof sessionNamed | typeof sessionEnded;

/** Pages of administrators show the sessions of users. */
const noticeSessions = (
  { state }: RealtimeService,
  { payload: { userId: id } }: Pick<EventDelivery<SessionEvent>, 'payload'>,
): void => sendNotice(state, 'ADMIN', realtime.messages.userSessionsChanged, { id });

/**
 * Each process closes its own sockets of a revoked session, of changed rights or of a revoked key. The signal
 * of auth arrives sooner; these events are certain to arrive.
 */
export const authBroadcast = [
  subscribe(sessionEnded, async (service: RealtimeService, delivery) => {
    const { sessionId, at } = delivery.payload;
    revoke(service.state, { sessionIds: [sessionId] }, at);
    noticeSessions(service, delivery);
  }),
  subscribe(sessionStarted, async (service: RealtimeService, delivery) => noticeSessions(service, delivery)),
  subscribe(sessionNamed, async (service: RealtimeService, delivery) => noticeSessions(service, delivery)),
  subscribe(
    auth.events.roleChanged,
    async ({ state }: RealtimeService, { payload: { userId, accessVersion: version, at } }) =>
      revoke(state, { staleVersions: [{ userId, version }] }, at),
  ),
  subscribe(auth.events.keysRevoked, async ({ state }: RealtimeService, { payload: { keyIds, at } }) =>
    revoke(state, { keyIds }, at),
  ),
];

export const authSignals = [
  onSignal(auth.signals.revoked, ({ state }: RealtimeService, { at, ...list }) => revoke(state, list, at)),
];

/** This service's copy of the users of auth. */
export const userCopy: Copy = {
  source: auth.actions.userCopies,
  table: 'people',
  columns: ['name', 'role', 'status'],
  save: saveUser,
};
