import * as z from 'zod/mini';
import { reason, userState } from './fields.ts';
import { issuedLink, suspensionOutcome } from './users.ts';
import { settingKey, settingValue } from '../admin/settings.ts';
import { instant, wholeNumber } from '../fields.ts';
import { approvalId, userId } from '../ids.ts';
import { role } from '../roles.ts';

/** How long a request waits for another administrator. */
export const APPROVAL_LIFETIME_S = 24 * 3600;

/** The acts that may wait for another administrator. */
export const approvableAct = z.enum(['inviteUser', 'setRole', 'suspendUsers', 'changeSetting']);

/** A change of a setting as it was asked for. */
export const askedSetting = z.object({
  key: settingKey,
  before: settingValue,
  value: settingValue,
  /** The version that the change is based on: it is made only if the setting still has it. */
  version: z.int(),
});
export type AskedSetting = z.output<typeof askedSetting>;

/** What an act is about; null where the act has no such thing. Events of older versions have less. */
const subject = {
  /** Whose role; null for a user that does not exist yet. */
  userId: z.nullable(userId),
  /** The e-mail address of this user, or of the new one. */
  email: z.nullable(z.string()),
  role: z.nullable(role),
  /** Who would be suspended. */
  userIds: z._default(z.nullable(z.array(userId)), null),
  setting: z._default(z.nullable(askedSetting), null),
};

/** An administrator's request for an act that another administrator has to approve. */
export const approval = z.object({
  id: approvalId,
  act: approvableAct,
  ...subject,
  requestedBy: userId,
  reason: z.string(),
  requestedAt: instant,
  expiresAt: instant,
});
export type Approval = z.output<typeof approval>;

/** `expired`: nobody has decided about it for a day. `withdrawn`: by the administrator who asked. */
const approvalOutcome = z.enum(['waiting', 'approved', 'rejected', 'withdrawn', 'expired']);

/** One of the users that a suspension is about. */
export const approvalUser = z.object({ id: userId, name: z.string(), email: z.string(), state: userState });

/** A request in the list, with the names of those who take part. */
export const listedApproval = z.extend(approval, {
  /** The name of the user whose role is asked for; null for another act. */
  name: z.nullable(z.string()),
  /** Who would be suspended, as they are now; null for another act. */
  users: z.nullable(z.array(approvalUser)),
  requesterName: z.string(),
  outcome: approvalOutcome,
  decidedBy: z.nullable(userId),
  deciderName: z.nullable(z.string()),
  /** When it was decided or has expired; null while it waits. */
  decidedAt: z.nullable(instant),
});
export type ListedApproval = z.output<typeof listedApproval>;

const about = { id: approvalId, reason };
const refusals = ['approval_not_found', 'approval_over', 'card_number_refused'] as const;

export const approvalActions = {
  approvals: {
    summary: 'Requests that wait for another administrator, or that are over, newest first',
    http: { route: 'GET /api/admin/approvals', revalidated: true },
    permission: ['ADMIN'],
    params: z.strictObject({
      state: z._default(z.enum(['waiting', 'over'], { error: 'must be waiting or over' }), 'waiting'),
      limit: z._default(wholeNumber(1, 100), 25),
      cursor: z.optional(z.string().check(z.maxLength(1_000))),
    }),
    result: z.object({ items: z.array(listedApproval), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
    // Every page of administrators reads how many wait.
    recorded: false,
  },
  approve: {
    summary: 'Approve the request of another administrator, which is carried out at once',
    http: { route: 'POST /api/admin/approvals/:id/approve' },
    permission: ['ADMIN'],
    params: z.strictObject(about),
    result: z.object({
      approval,
      /** The one-time link of an invitation; null for another act. */
      issued: z.nullable(z.pick(issuedLink, { link: true, mail: true, expiresAt: true })),
      /** What became of each user of a suspension; null for another act. */
      suspensions: z.nullable(z.array(suspensionOutcome)),
    }),
    errors: [
      ...refusals,
      'own_request',
      'own_account',
      'approver_dependent',
      'user_not_found',
      'account_closed',
      'email_taken',
    ],
    idempotent: 'no',
    timeoutMs: 20_000,
  },
  reject: {
    summary: 'Reject the request of another administrator, or withdraw your own',
    http: { route: 'POST /api/admin/approvals/:id/reject' },
    permission: ['ADMIN'],
    params: z.strictObject(about),
    result: approval,
    errors: refusals,
    idempotent: 'no',
  },
  requestSettingChange: {
    summary:
      'Whether a change of a setting that gives something back has to wait; its request is stored then',
    permission: ['ADMIN'],
    params: z.strictObject({ ...askedSetting.shape, reason }),
    result: z.object({ waits: z.boolean() }),
    errors: ['card_number_refused'],
    idempotent: 'yes',
  },
} as const;

const request = {
  approvalId,
  act: approvableAct,
  ...subject,
  requestedBy: userId,
  /** Why it was asked for; null in events of older versions. */
  requestReason: z._default(z.nullable(z.string()), null),
  by: userId,
  reason: z.string(),
  at: instant,
};

export const approvalEvents = {
  approvalRequested: {
    summary: 'An administrator asked for an act that another administrator has to approve',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ ...request, expiresAt: instant }),
  },
  approvalGiven: {
    summary: 'An administrator approved the request of another one; the event of the act follows',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object(request),
  },
  approvalRejected: {
    summary: 'An administrator rejected a request, or withdrew it',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object(request),
  },
} as const;
