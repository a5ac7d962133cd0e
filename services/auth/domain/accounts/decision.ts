import type { UserId } from '../../../../shared/contracts/ids.ts';

export type DecisionRefusal = 'own_account' | 'last_admin' | 'forbidden';

/**
 * Why an administrator may not decide this, or null.
 * @param takes whether it may take rights from the user
 * @param admins all active administrators; whoever decides has to be one still, at this very moment
 */
export const judgeDecision = (decision: {
  by: UserId;
  about: UserId;
  takes: boolean;
  admins: readonly UserId[];
}): DecisionRefusal | null => {
  const { by, about, takes, admins } = decision;
  if (takes && by === about) return 'own_account';
  if (takes && admins.length === 1 && admins[0] === about) return 'last_admin';
  return admins.includes(by) ? null : 'forbidden';
};
