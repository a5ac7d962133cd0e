import { auth, type User } from '../../../../shared/contracts/auth/auth.ts';
import type { Tokens } from '../../../../shared/contracts/auth/sessions.ts';
import type { ManagedUser } from '../../../../shared/contracts/auth/users.ts';
import type { AuditEntry } from '../../../../shared/contracts/admin/audit.ts';
import { admin } from '../../../../shared/contracts/admin/admin.ts';
import type { ParamsOf } from '../../../../shared/contracts/contract.ts';
import { payments } from '../../../../shared/contracts/payments.ts';
import { datesOf, pageOf, refuse, sortOf, type Params } from './params.ts';

/** Of a user, also one with a version and what else we have. */
export const fromUser = ({ id, email, name, role, createdAt }: User | ManagedUser) => ({
  id,
  email,
  name,
  role,
  createdAt,
});

export const fromTokens = ({ accessToken, refreshToken, expiresInS }: Tokens) => ({
  accessToken,
  refreshToken,
  expiresIn: `${expiresInS}s`,
});

/** Decisions of administrators have a reason here; clients of POC-2 give none. */
const NO_REASON = 'Asked for by a client of POC-2, which gives no reason';

export const toSetRole = (given: Params): ParamsOf<typeof auth.actions.setRole> => ({
  id: given['id'] as string,
  role: given['role'] as User['role'],
  reason: (given['reason'] ?? NO_REASON) as string,
});

const USER_SORTS = { createdAt: 'createdAt', name: 'name', email: 'email' };

export const toUsersPage = (given: Params): ParamsOf<typeof auth.actions.usersPage> => ({
  ...pageOf(given, 10),
  sort: sortOf(given, USER_SORTS) as '-createdAt',
  ...(given['role'] !== undefined && { role: given['role'] as User['role'] }),
  ...(given['search'] !== undefined && given['search'] !== '' && { q: given['search'] as string }),
});

/** POC-2's actions and our events, the first of each being what an entry is shown as. */
const ACTIONS: Readonly<Record<string, string>> = {
  USER_LOGIN: auth.events.sessionStarted.name,
  USER_LOGOUT: auth.events.sessionEnded.name,
  USER_CREATED: auth.events.userChanged.name,
  USER_UPDATED: auth.events.userEdited.name,
  USER_DELETED: auth.events.userClosed.name,
  USER_ROLE_CHANGED: auth.events.roleChanged.name,
  PASSWORD_CHANGED: auth.events.passwordChanged.name,
  PAYMENT_CREATED: payments.events.created.name,
  PAYMENT_UPDATED: payments.events.processing.name,
  PAYMENT_COMPLETED: payments.events.completed.name,
  PAYMENT_FAILED: payments.events.failed.name,
  PAYMENT_CANCELLED: payments.events.cancelled.name,
  SYSTEM_CONFIG_CHANGED: admin.events.settingChanged.name,
};
const SHOWN: ReadonlyMap<string, string> = new Map(
  Object.entries(ACTIONS).map(([action, event]) => [event, action]),
);

export const toAuditPage = (given: Params): ParamsOf<typeof admin.actions.auditPage> => {
  const { action, userId, resourceId, resourceType } = given;
  if (resourceType !== undefined) refuse('resourceType', 'is no filter; resourceId is one');
  return {
    ...pageOf(given, 20),
    ...datesOf(given),
    ...(action !== undefined && { action: ACTIONS[String(action)] ?? String(action) }),
    ...(userId !== undefined && { person: userId as string }),
    ...(resourceId !== undefined && { target: resourceId as string }),
  };
};

/** An entry; an action that POC-2 does not have keeps our name. */
export const fromEntry = (entry: AuditEntry) => ({
  id: entry.id,
  userId: entry.actor?.id ?? null,
  userName: entry.actor?.name ?? null,
  userEmail: entry.actor?.email ?? null,
  action: SHOWN.get(entry.action) ?? entry.action,
  resourceType: entry.target?.type ?? null,
  resourceId: entry.target?.id ?? null,
  details: { before: entry.before, after: entry.after, reason: entry.reason },
  ipAddress: entry.address,
  userAgent: entry.device,
  timestamp: entry.at,
  createdAt: entry.at,
});
