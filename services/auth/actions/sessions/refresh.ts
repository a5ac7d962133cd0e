import { AppError } from '../../../../broker/calls/errors.ts';
import { viewOf } from '../../accounts/user-view.ts';
import type { AuthAction } from '../../auth.ts';
import { exchangeRefreshToken } from '../../sessions/refresh.ts';

export const refresh: AuthAction<'refresh'> = async (service, call) => {
  const { refreshToken } = call.params;
  if (!refreshToken) throw new AppError('unauthenticated');
  const { user, tokens } = await exchangeRefreshToken(service, refreshToken, call);
  return { user: viewOf(user), tokens };
};
