import { AppError } from '../../../../broker/calls/errors.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { UserValues } from '../../../../shared/contracts/auth/fields.ts';
import { administer } from '../../accounts/admin-decision.ts';
import { checkDomain, orEmailTaken, recordUserChange } from '../../accounts/create-account.ts';
import type { AuthAction } from '../../auth.ts';
import { recordAccessGiven } from '../../persistence/accounts/approvals.ts';
import { setNameAndEmail } from '../../persistence/accounts/edit-user.ts';
import { deletePasswordLink } from '../../persistence/accounts/password-links.ts';

export const editUser: AuthAction<'editUser'> = (service, call) => {
  const { email: newEmail, name: newName } = call.params;
  if (newEmail !== undefined) checkDomain(newEmail);
  const edit = administer(service, call, { takesRights: false }, async (tx, user, decision) => {
    const { id } = user;
    const name = newName ?? user.name;
    const email = newEmail ?? user.email;
    const isRenamed = name !== user.name;
    const isMoved = email !== user.email;
    if (!isRenamed && !isMoved) return { user };
    // A typing error would lock the administrator out.
    if (isMoved && id === decision.by) throw new AppError('own_account');
    const at = new Date(decision.at);
    const edited = await setNameAndEmail(tx, { id, name, email, at });
    // A one-time link was meant for the reader of the former address.
    if (isMoved) {
      await deletePasswordLink(tx, id);
      await recordAccessGiven(tx, { userId: id, by: decision.by, at });
    }
    const changed = (from: { name: string; email: string }): UserValues => ({
      ...(isRenamed && { name: from.name }),
      ...(isMoved && { email: from.email }),
    });
    const event = { userId: id, ...decision, before: changed(user), after: changed(edited) };
    await service.outbox.add(tx, auth.events.userEdited, event);
    await recordUserChange(service, tx, edited);
    return { user: edited };
  });
  return orEmailTaken(() => edit);
};
