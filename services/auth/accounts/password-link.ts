import { createHash, randomBytes } from 'node:crypto';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { LINK_LIFETIME_S, LINK_PATH, type LinkKind } from '../../../shared/contracts/auth/password-links.ts';
import type { MailOutcome } from '../../../shared/contracts/auth/users.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { AuthState } from '../auth.ts';
import type { AuthConfig } from '../config.ts';
import { stateOf } from '../domain/accounts/user-state.ts';
import { recordAccessGiven } from '../persistence/accounts/approvals.ts';
import {
  findPasswordLink,
  savePasswordLink,
  type PasswordLinkRow,
} from '../persistence/accounts/password-links.ts';
import { findUserById, type UserRow } from '../persistence/accounts/users.ts';

type LinkService = { clock: Service['clock']; config: Pick<AuthConfig, 'publicUrl'> };

/** A one-time link as it is answered: its token is nowhere stored. */
export type IssuedLink = { link: string; expiresAt: string };

/** A link that was issued and sent by mail where that is possible: `link` is null then. */
export type DeliveredLink = { link: string | null; mail: MailOutcome; expiresAt: string };

/** Sends a link to its user, after the commit that made it valid. */
export const deliverLink = async (
  { state }: { state: Pick<AuthState, 'sendLink'> },
  { name, email }: { name: string; email: string },
  kind: LinkKind,
  { link, expiresAt }: IssuedLink,
): Promise<DeliveredLink> => {
  const mail = await state.sendLink({ name, email, kind, link, expiresAt });
  return { link: mail === 'sent' ? null : link, mail, expiresAt };
};

/** A password that nobody knows, for an account that has none. */
export const unknownPassword = (): string => randomBytes(32).toString('base64url');

export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest();

/** Issues the one-time link of a user to an administrator; an earlier one is void from then on. */
export const issueLink = async (
  { clock, config }: LinkService,
  tx: Transaction,
  { userId, kind, by }: { userId: UserId; kind: LinkKind; by: UserId },
): Promise<IssuedLink> => {
  const token = `pl_${randomBytes(32).toString('base64url')}`;
  const createdAt = clock.now();
  const expiresAt = new Date(createdAt.getTime() + LINK_LIFETIME_S[kind] * 1000);
  await savePasswordLink(tx, { userId, hash: hashOfToken(token), createdAt, expiresAt });
  await recordAccessGiven(tx, { userId, by, at: createdAt });
  return { link: `${config.publicUrl}${LINK_PATH}#${token}`, expiresAt: expiresAt.toISOString() };
};

/** What the link of this user is for. */
export const linkKindOf = ({ passwordState }: Pick<UserRow, 'passwordState'>): LinkKind =>
  passwordState === 'invited' ? 'invitation' : 'reset';

/** @throws AppError `link_invalid`, or `account_suspended` where the link may be used after a restoration */
export const checkLinkUser = (user: UserRow | null): UserRow => {
  if (!user || user.passwordState === 'set') throw new AppError('link_invalid');
  if (stateOf(user) === 'suspended') throw new AppError('account_suspended');
  return user;
};

/**
 * The valid link with this token, and its user.
 * @throws AppError `link_invalid`, `account_suspended`
 */
export const readLink = async (
  { db, clock }: { db: Queryable; clock: Service['clock'] },
  token: string,
): Promise<{ link: PasswordLinkRow; user: UserRow }> => {
  const link = await findPasswordLink(db, hashOfToken(token), clock.now());
  if (!link) throw new AppError('link_invalid');
  return { link, user: checkLinkUser(await findUserById(db, link.userId)) };
};
