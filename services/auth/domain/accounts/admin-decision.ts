import type { UserId } from '../../../../shared/contracts/ids.ts';

export type DecisionRefusal = 'own_account' | 'last_admin' | 'forbidden';

/**
 * Why an administrator's decision about a user is refused, or null.
 * @param takesRights whether the decision may take rights from the user
 * @param about null for a user that does not exist yet
 * @param admins all administrators who can sign in now; a token may still carry the role of a former one
 */
export const refusalOf = (decision: {
  by: UserId;
  about: UserId | null;
  takesRights: boolean;
  admins: readonly UserId[];
}): DecisionRefusal | null => {
  const { by, about, takesRights, admins } = decision;
  if (takesRights && by === about) return 'own_account';
  if (takesRights && admins.length === 1 && admins[0] === about) return 'last_admin';
  return admins.includes(by) ? null : 'forbidden';
};
