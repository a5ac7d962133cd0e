import * as z from 'zod/mini';
import { reason } from './fields.ts';
import { issuedLink } from './users.ts';
import { instant, wholeNumber } from '../fields.ts';
import { approvalId, userId } from '../ids.ts';
import { role } from '../roles.ts';

/** How long a request waits for another administrator. */
export const APPROVAL_LIFETIME_S = 24 * 3600;

/** The acts that may wait for another administrator. */
export const approvableAct = z.enum(['inviteUser', 'setRole']);
export type ApprovableAct = z.output<typeof approvableAct>;

/** An administrator's request for an act that another administrator has to approve. */
export const approval = z.object({
  id: approvalId,
  act: approvableAct,
  /** Whom the act is about; null for a user that does not exist yet. */
  userId: z.nullable(userId),
  /** The e-mail address of this user, or of the new one. */
  email: z.string(),
  role,
  requestedBy: userId,
  reason: z.string(),
  requestedAt: instant,
  expiresAt: instant,
});
export type Approval = z.output<typeof approval>;

/** `expired`: nobody has decided about it for a day. `withdrawn`: by the administrator who asked. */
const approvalOutcome = z.enum(['waiting', 'approved', 'rejected', 'withdrawn', 'expired']);

/** A request in the list, with the names of those who take part. */
export const listedApproval = z.extend(approval, {
  /** The name of the user whom the act is about. */
  name: z.string(),
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
    http: { route: 'GET /api/admin/approvals' },
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
    }),
    errors: [
      ...refusals,
      'own_request',
      'approver_dependent',
      'user_not_found',
      'account_closed',
      'email_taken',
    ],
    idempotent: 'no',
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
} as const;

const request = {
  approvalId,
  act: approvableAct,
  userId: z.nullable(userId),
  email: z.string(),
  role,
  requestedBy: userId,
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
