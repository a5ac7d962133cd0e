import * as z from 'zod/mini';
import { accountActions, accountEvents } from './accounts.ts';
import { approvalActions, approvalEvents } from './approvals.ts';
import { lockoutActions, lockoutEvents } from './lockouts.ts';
import { sessionActions, sessionEvents, sessionSignals } from './sessions.ts';
import { passwordLinkActions } from './password-links.ts';
import { signingActions, signingEvents } from './signing.ts';
import { userActions, userEvents } from './users.ts';
import { usersPageActions } from './users-page.ts';
import { administratorRead } from '../administrator-reads.ts';
import { contract } from '../contract.ts';

export type { User } from './fields.ts';
export type { Session } from './sessions.ts';

export const auth = contract('auth', {
  actions: {
    ...accountActions,
    ...passwordLinkActions,
    ...sessionActions,
    ...userActions,
    ...usersPageActions,
    ...approvalActions,
    ...lockoutActions,
    ...signingActions,
    time: {
      summary: 'The current time, for services without a database of their own',
      permission: 'services',
      params: z.strictObject({}),
      result: z.object({ nowMs: z.number() }),
      errors: [],
      idempotent: 'read',
      timeless: true,
    },
  },
  events: {
    ...accountEvents,
    ...userEvents,
    ...approvalEvents,
    ...sessionEvents,
    ...lockoutEvents,
    ...signingEvents,
    administratorRead,
  },
  signals: sessionSignals,
});
