import { linkKindOf, readLink } from '../../accounts/password-link.ts';
import type { AuthAction } from '../../auth.ts';

export const passwordLink: AuthAction<'passwordLink'> = async (service, call) => {
  const { link, user } = await readLink(service, call.params.token);
  const { email, name } = user;
  return { kind: linkKindOf(user), email, name, expiresAt: link.expiresAt.toISOString() };
};
