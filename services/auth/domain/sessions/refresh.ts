import type { UserStatus } from '../../../../shared/contracts/roles.ts';

/**
 * Within this time a use is repeatable. Tabs that refresh at the same moment all hold the same token, and a
 * phone may fall asleep before it has received the answer.
 */
export const REFRESH_GRACE_MS = 5 * 60_000;

export type PresentedToken = {
  expiresAt: Date;
  usedAt: Date | null;
  /** Whether the token that followed this one is still unused. */
  successorUnused: boolean;
  sessionEndedAt: Date | null;
  userStatus: UserStatus;
};

/**
 * `rotate`: mark the token used and issue its successor · `repeat`: issue the same successor once more ·
 * `reused`: the token was copied, end the session · `refused`: the token cannot be refreshed.
 */
export type RefreshVerdict = 'rotate' | 'repeat' | 'reused' | 'refused';

/**
 * Rotation and reuse detection of a refresh token that is presented at `now`.
 * The tokens of a session are one chain: a repeat never starts a second branch. Two holders of a copied token
 * therefore both need the next one, and the later use is detected as reuse.
 */
export const judgeRefresh = (token: PresentedToken, now: Date): RefreshVerdict => {
  if (token.sessionEndedAt || token.userStatus !== 'active') return 'refused';
  if (token.usedAt) {
    const withinGrace = now.getTime() - token.usedAt.getTime() <= REFRESH_GRACE_MS;
    return withinGrace && token.successorUnused ? 'repeat' : 'reused';
  }
  return token.expiresAt > now ? 'rotate' : 'refused';
};
