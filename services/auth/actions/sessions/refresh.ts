import { AppError } from '../../../../broker/calls/errors.ts';
import { publicUser } from '../../accounts/public-user.ts';
import type { AuthAction } from '../../auth.ts';
import { exchangeRefreshToken } from '../../sessions/refresh.ts';

export const refresh: AuthAction<'refresh'> = async (service, call) => {
  const { refreshToken } = call.params;
  if (!refreshToken) throw new AppError('unauthenticated');
  const { user, tokens } = await exchangeRefreshToken(service, refreshToken, call);
  return { user: publicUser(user), tokens };
};
