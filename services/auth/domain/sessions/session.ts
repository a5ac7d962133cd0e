import type { UserStatus } from '../../../../shared/contracts/roles.ts';

/** Tabs that refresh at the same moment all hold the same token; this long it is answered again. */
export const REFRESH_GRACE_MS = 10_000;

/** What is revoked is told of until the last access token that it concerns has expired broadcast. */
export const REVOCATIONS_MARGIN_MS = 30_000;

export type PresentedToken = {
  expiresAt: Date;
  usedAt: Date | null;
  /** No one has used the token that followed this one. */
  successorUnused: boolean;
  sessionEndedAt: Date | null;
  userStatus: UserStatus;
};

/**
 * `rotate`: mark the token used and give its successor · `repeat`: give the same successor once more ·
 * `reused`: somebody else holds a copy, end the session · `refused`: nothing to refresh.
 */
export type RefreshVerdict = 'rotate' | 'repeat' | 'reused' | 'refused';

/**
 * What a refresh token that is presented at `now` deserves.
 * A family is one chain: a repeat never opens a second branch, so two holders of a token meet in the next
 * one, and whoever comes later with it is noticed.
 */
export const judgeRefresh = (token: PresentedToken | null, now: Date): RefreshVerdict => {
  if (!token || token.sessionEndedAt || token.userStatus !== 'active') return 'refused';
  if (token.usedAt) {
    const withinGrace = now.getTime() - token.usedAt.getTime() <= REFRESH_GRACE_MS;
    return withinGrace && token.successorUnused ? 'repeat' : 'reused';
  }
  return token.expiresAt > now ? 'rotate' : 'refused';
};
