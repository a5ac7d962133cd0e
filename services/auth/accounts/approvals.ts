import { AppError } from '../../../broker/calls/errors.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { newId } from '../../../broker/process/ids.ts';
import type { Service } from '../../../broker/process/service.ts';
import {
  APPROVAL_LIFETIME_S,
  type Approval,
  type ListedApproval,
} from '../../../shared/contracts/auth/approvals.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { Id } from '../../../shared/contracts/ids.ts';
import type { AuthConfig } from '../config.ts';
import { ACCESS_GIVEN_MS, needsApproval, weightOf, type AskedAct } from '../domain/accounts/four-eyes.ts';
import {
  closeApproval,
  hadAccessTo,
  insertApproval,
  lockApproval,
  type ApprovalRow,
} from '../persistence/accounts/approvals.ts';
import { stateOf } from '../domain/accounts/user-state.ts';
import type { ListedApprovalRow } from '../persistence/accounts/list-approvals.ts';
import { activeAdmins } from '../persistence/accounts/users.ts';
import type { Decision } from './admin-decision.ts';

type ApprovalService = Pick<Service, 'clock' | 'outbox'> & { config: Pick<AuthConfig, 'fourEyesWeight'> };

/** A request as administrators see it. */
export const publicApproval = ({ name: _name, requestedAt, expiresAt, ...row }: ApprovalRow): Approval => ({
  ...row,
  requestedAt: requestedAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});

const outcomeOf = (
  { requestedBy, decidedBy, isApproved, expiresAt }: ListedApprovalRow,
  now: Date,
): ListedApproval['outcome'] => {
  if (isApproved === null) return expiresAt > now ? 'waiting' : 'expired';
  if (isApproved) return 'approved';
  return decidedBy === requestedBy ? 'withdrawn' : 'rejected';
};

const approvalUserOf = (user: NonNullable<ListedApprovalRow['users']>[number]) => {
  const { id, name, email } = user;
  return { id, name, email, state: stateOf(user) };
};

/** A request in the list of administrators, as it is at a time. */
export const listedApproval = (row: ListedApprovalRow, now: Date): ListedApproval => {
  const { isApproved: _isApproved, decidedAt, users, ...rest } = row;
  const outcome = outcomeOf(row, now);
  const over = outcome === 'expired' ? row.expiresAt : decidedAt;
  return {
    ...publicApproval(rest),
    ...{
      name: row.name,
      users: users?.map(approvalUserOf) ?? null,
      requesterName: row.requesterName,
      outcome,
    },
    ...{ decidedBy: row.decidedBy, deciderName: row.deciderName, decidedAt: over?.toISOString() ?? null },
  };
};

const eventOf = (row: ApprovalRow, decision: Decision) => {
  const { id: approvalId, act, userId, email, role, userIds, setting, requestedBy, reason } = row;
  const asked = { approvalId, act, userId, email, role, userIds, setting, requestedBy };
  return { ...asked, requestReason: reason, ...decision };
};

/**
 * Stores a request where an act has to wait for another administrator; the same request waits once.
 * @returns whether the act has to wait: the caller throws `approval_needed` after the commit
 */
export const mustWait = async (
  { clock, outbox, config }: ApprovalService,
  tx: Transaction,
  asked: AskedAct,
  decision: Decision,
): Promise<boolean> => {
  const admins = (await activeAdmins(tx)).length;
  if (!needsApproval({ weight: weightOf(asked), threshold: config.fourEyesWeight, admins })) return false;
  const requestedAt = new Date(decision.at);
  const row: ApprovalRow = {
    ...asked,
    id: newId('approval', clock.nowMs()),
    requestedBy: decision.by,
    reason: decision.reason,
    requestedAt,
    expiresAt: new Date(requestedAt.getTime() + APPROVAL_LIFETIME_S * 1000),
  };
  if (await insertApproval(tx, row)) {
    const event = { ...eventOf(row, decision), expiresAt: row.expiresAt.toISOString() };
    await outbox.add(tx, auth.events.approvalRequested, event);
  }
  return true;
};

/**
 * Decides about a request that waits, with its event.
 * @throws AppError `approval_not_found`, `approval_over`, and for an approval `own_request`, or
 *   `approver_dependent` where the administrator who asked may use the account of the one who approves
 */
export const settleApproval = async (
  { outbox }: Pick<Service, 'outbox'>,
  tx: Transaction,
  { id, isApproved }: { id: Id<'approval'>; isApproved: boolean },
  decision: Decision,
): Promise<ApprovalRow> => {
  const { by } = decision;
  const at = new Date(decision.at);
  const locked = await lockApproval(tx, id, at);
  if (!locked) throw new AppError('approval_not_found');
  const { isOpen, ...row } = locked;
  if (!isOpen) throw new AppError('approval_over');
  if (isApproved && row.requestedBy === by) throw new AppError('own_request');
  const since = new Date(at.getTime() - ACCESS_GIVEN_MS);
  if (isApproved && (await hadAccessTo(tx, { userId: by, by: row.requestedBy, since }))) {
    throw new AppError('approver_dependent');
  }
  // The request of a former administrator is void.
  if (isApproved && !(await activeAdmins(tx)).includes(row.requestedBy)) throw new AppError('approval_over');
  await closeApproval(tx, { id, by, at, isApproved });
  const event = isApproved ? auth.events.approvalGiven : auth.events.approvalRejected;
  await outbox.add(tx, event, eventOf(row, decision));
  return row;
};
