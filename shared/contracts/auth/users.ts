import * as z from 'zod/mini';
import { decision, personName, reason, userState } from './fields.ts';
import { linkKind } from './password-links.ts';
import { session } from './sessions.ts';
import { usersCache } from './users-cache.ts';
import { email, instant, searchText, wholeNumber } from '../fields.ts';
import { sessionId, userId } from '../ids.ts';
import { role } from '../roles.ts';

/** A user as administrators see it. */
export const managedUser = z.object({
  id: userId,
  email: z.string(),
  name: z.string(),
  role,
  state: userState,
  /** No password is accepted until the user has set one with a one-time link. */
  mustSetPassword: z.boolean(),
  /** Null when it is more than 400 days ago, or there was none. */
  lastSignInAt: z.nullable(instant),
  createdAt: instant,
});
export type ManagedUser = z.output<typeof managedUser>;

/** A user's live session, as administrators see it. */
export const managedSession = z.omit(session, { current: true });
const sessionPage = z.object({ items: z.array(managedSession), nextCursor: z.nullable(z.string()) });

export const userLink = z.object({ kind: linkKind, expiresAt: instant });

export const userDetails = z.extend(managedUser, {
  /** Null unless sign-in with the password is locked now. */
  lockout: z.nullable(z.object({ failures: z.int(), lockedUntil: instant, lastFailureAt: instant })),
  /** The newest one-time link, which may have expired; null where there is none. */
  link: z.nullable(userLink),
  /** The first page of the live sessions, most recently used first. */
  sessions: sessionPage,
});

/** Whether a link was sent to its user by mail; `off`: no mail server is configured. */
const mailOutcome = z.enum(['sent', 'failed', 'off']);
export type MailOutcome = z.output<typeof mailOutcome>;

/** The answer to what makes a one-time link. It is shown once: only its hash is stored. */
export const issuedLink = z.object({
  user: managedUser,
  /** Null where it was sent to the user by mail. */
  link: z.nullable(z.string()),
  mail: z._default(mailOutcome, 'off'),
  expiresAt: instant,
});

/** How many users one request may suspend; a page shows its progress from request to request. */
const SUSPEND_MAX = 100;

/** What a suspension of several users does to one of them. */
export const suspensionOutcome = z.object({
  id: userId,
  outcome: z.enum(['suspended', 'unchanged', 'refused']),
  /** Why it is refused; null otherwise. */
  code: z.nullable(z.string()),
});

export type SuspensionOutcome = z.output<typeof suspensionOutcome>;

export const USER_SORTS = ['-createdAt', 'createdAt', 'name', '-name', 'email', '-email'] as const;

const page = {
  limit: z._default(wholeNumber(1, 100), 25),
  cursor: z.optional(z.string().check(z.maxLength(1_000))),
};
const about = { id: userId, reason };

/** What any decision about a user may be refused with. */
const refusals = ['user_not_found', 'account_closed', 'card_number_refused'] as const;
/** What one that takes rights may be refused with. */
const rightsRefusals = [...refusals, 'own_account', 'last_admin'] as const;

const act = { permission: ['ADMIN'], params: z.strictObject(about), result: managedUser } as const;

export const usersParams = z.strictObject({
  ...page,
  q: z.optional(searchText(3, 100)),
  role: z.optional(role),
  state: z.optional(userState),
  sort: z._default(z.enum(USER_SORTS, { error: `must be one of ${USER_SORTS.join(', ')}` }), '-createdAt'),
});

export const userActions = {
  users: {
    summary: 'All users, newest first',
    http: { route: 'GET /api/admin/users', revalidated: true },
    permission: ['ADMIN'],
    params: usersParams,
    result: z.object({ items: z.array(managedUser), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
    limit: { perAccountPerMinute: 1_200, costs: { q: 10 } },
    cache: usersCache,
  },
  userDetails: {
    summary: 'One user, with lockout, one-time link and live sessions',
    http: { route: 'GET /api/admin/users/:id' },
    permission: ['ADMIN'],
    params: z.strictObject({ id: userId }),
    result: userDetails,
    errors: ['user_not_found'],
    idempotent: 'read',
  },
  activity: {
    summary: 'How many users have used Payloom in the last 15 minutes, and in the last day',
    http: { route: 'GET /api/admin/activity' },
    permission: ['ADMIN'],
    params: z.strictObject({}),
    result: z.object({ lastQuarterHour: z.int(), lastDay: z.int() }),
    errors: [],
    idempotent: 'read',
    recorded: false,
    limit: { perAccountPerMinute: 120 },
  },
  userSessions: {
    summary: 'Where a user is signed in, most recently used first',
    http: { route: 'GET /api/admin/users/:id/sessions' },
    permission: ['ADMIN'],
    params: z.strictObject({ id: userId, ...page }),
    result: sessionPage,
    errors: ['user_not_found', 'invalid_cursor'],
    idempotent: 'read',
  },
  inviteUser: {
    summary: 'Create a user, who sets a password with a one-time link',
    http: { route: 'POST /api/admin/users', status: 201 },
    permission: ['ADMIN'],
    params: z.strictObject({ email, name: personName, role, reason }),
    result: issuedLink,
    errors: ['email_taken', 'approval_needed', 'card_number_refused'],
    idempotent: 'no',
  },
  renewInvitation: {
    ...act,
    summary: 'Replace the one-time link of an invited user',
    http: { route: 'POST /api/admin/users/:id/invitation' },
    result: issuedLink,
    errors: [...refusals, 'not_invited'],
    idempotent: 'no',
  },
  editUser: {
    summary: 'Change the name or the e-mail address of a user',
    http: { route: 'PATCH /api/admin/users/:id' },
    permission: ['ADMIN'],
    params: z.strictObject({ ...about, name: z.optional(personName), email: z.optional(email) }),
    result: managedUser,
    errors: [...refusals, 'own_account', 'email_taken'],
    idempotent: 'yes',
  },
  setRole: {
    summary: 'Change the role of a user; it takes effect with the next call and ends no session',
    http: { route: 'PUT /api/admin/users/:id/role' },
    permission: ['ADMIN'],
    params: z.strictObject({ ...about, role }),
    result: managedUser,
    errors: [...rightsRefusals, 'approval_needed'],
    idempotent: 'yes',
  },
  suspend: {
    ...act,
    summary: 'Suspend a user: every session ends at once, and sign-in is refused',
    http: { route: 'POST /api/admin/users/:id/suspend' },
    errors: rightsRefusals,
    idempotent: 'yes',
  },
  suspendUsers: {
    summary: 'Suspend up to 100 users, or preview what that would do',
    http: { route: 'POST /api/admin/suspensions' },
    permission: ['ADMIN'],
    params: z.strictObject({
      ids: z.array(userId).check(
        z.minLength(1, { error: 'must name at least one user' }),
        z.maxLength(SUSPEND_MAX, { error: `must name at most ${SUSPEND_MAX} users` }),
        z.refine((ids) => new Set(ids).size === ids.length, { error: 'must name each user once' }),
      ),
      preview: z._default(z.boolean({ error: 'must be true or false' }), false),
      reason,
    }),
    result: z.object({ items: z.array(suspensionOutcome) }),
    errors: ['approval_needed', 'card_number_refused'],
    idempotent: 'yes',
    timeoutMs: 20_000,
  },
  restore: {
    ...act,
    summary: 'Restore a suspended user',
    http: { route: 'POST /api/admin/users/:id/restore' },
    errors: refusals,
    idempotent: 'yes',
  },
  signOutUser: {
    ...act,
    summary: 'End all sessions of a user',
    http: { route: 'POST /api/admin/users/:id/sign-out' },
    errors: rightsRefusals,
    idempotent: 'yes',
  },
  endUserSession: {
    ...act,
    summary: 'End one session of a user',
    http: { route: 'POST /api/admin/users/:id/sessions/:sessionId/end' },
    params: z.strictObject({ ...about, sessionId }),
    errors: [...rightsRefusals, 'session_not_found'],
    idempotent: 'yes',
  },
  resetPassword: {
    ...act,
    summary: 'Void the password of a user, who sets another one with a one-time link; all sessions end',
    http: { route: 'POST /api/admin/users/:id/password-reset' },
    result: issuedLink,
    errors: [...rightsRefusals, 'invitation_pending'],
    idempotent: 'no',
  },
  liftUserLockout: {
    ...act,
    summary: 'Lift the lockout of a user’s account and reset its failure count',
    http: { route: 'POST /api/admin/users/:id/lift-lockout' },
    errors: refusals,
    idempotent: 'yes',
  },
  closeUser: {
    ...act,
    summary: 'Close an account for good: name and e-mail address are anonymised, payments stay',
    http: { route: 'POST /api/admin/users/:id/close' },
    errors: ['user_not_found', 'own_account', 'last_admin', 'card_number_refused'],
    idempotent: 'yes',
  },
} as const;

const ofUser = { userId, ...decision };

export const userEvents = {
  userInvited: {
    summary: 'An administrator created a user, who sets a password with a one-time link',
    version: 1,
    subscribers: ['admin'],
    payload: z.object({ ...ofUser, expiresAt: instant }),
  },
  invitationRenewed: {
    summary: 'An administrator replaced the one-time link of an invited user',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ ...ofUser, expiresAt: instant }),
  },
  invitationAccepted: {
    summary: 'An invited user set a password',
    version: 1,
    subscribers: ['admin'],
    payload: z.object({ userId, at: instant }),
  },
  userEdited: {
    summary: 'An administrator changed the name or e-mail address of a user',
    version: 1,
    subscribers: ['admin'],
    payload: z.object(ofUser),
  },
  userSuspended: {
    summary: 'An administrator suspended a user; all sessions of the user have ended',
    version: 1,
    subscribers: ['admin'],
    payload: z.object(ofUser),
  },
  userRestored: {
    summary: 'An administrator restored a suspended user',
    version: 1,
    subscribers: ['admin'],
    payload: z.object(ofUser),
  },
  roleChanged: {
    summary: 'An administrator changed the role of a user; tokens of an older `accessVersion` are void',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ userId, role, previousRole: role, accessVersion: z.int(), ...decision }),
  },
  userSignedOut: {
    summary: 'An administrator ended one session of a user, or all: then `sessionId` is null',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ ...ofUser, sessionId: z.nullable(sessionId) }),
  },
  passwordReset: {
    summary: 'An administrator voided the password of a user; all sessions of the user have ended',
    version: 1,
    subscribers: ['admin'],
    payload: z.object({ ...ofUser, expiresAt: instant }),
  },
  userClosed: {
    summary: 'An administrator closed an account; name and e-mail address are anonymised',
    version: 1,
    subscribers: ['admin'],
    payload: z.object(ofUser),
  },
} as const;
