import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { sayUser } from '../domain/say.ts';
import type { BridgeService } from '../poc2-bridge.ts';
import { passOn } from '../redis/pass-on.ts';

const { userChanged, userInvited, sessionStarted, sessionEnded, passwordChanged } = auth.events;

const onUserChanged = subscribe(userChanged, (service: BridgeService, delivery) =>
  passOn(service, delivery, sayUser(delivery.payload)),
);

const onUserInvited = subscribe(userInvited, (service: BridgeService, delivery) => {
  const { userId } = delivery.payload;
  return passOn(service, delivery, {
    kind: 'userCreated',
    entity: `invitation ${userId}`,
    version: null,
    data: { userId },
  });
});

/** POC-2 says with a sign-in who the user is, our event does not. */
const onSessionStarted = subscribe(sessionStarted, async (service: BridgeService, delivery) => {
  const { sessionId, userId } = delivery.payload;
  const { user } = await service.call(auth.actions.findUser, { id: userId });
  await passOn(service, delivery, {
    kind: 'userLoggedIn',
    entity: sessionId,
    version: 1,
    data: { userId, email: user?.email ?? '', role: user?.role ?? '' },
  });
});

/** The end of a session by anyone is a logout to POC-2. */
const onSessionEnded = subscribe(sessionEnded, (service: BridgeService, delivery) => {
  const { sessionId, userId } = delivery.payload;
  return passOn(service, delivery, {
    kind: 'userLoggedOut',
    entity: sessionId,
    version: 2,
    data: { userId },
  });
});

const onPasswordChanged = subscribe(passwordChanged, (service: BridgeService, delivery) => {
  const { userId } = delivery.payload;
  return passOn(service, delivery, {
    kind: 'passwordChanged',
    entity: `password ${userId}`,
    version: null,
    data: { userId },
  });
});

export const authSubscribers = [
  onUserChanged,
  onUserInvited,
  onSessionStarted,
  onSessionEnded,
  onPasswordChanged,
];
