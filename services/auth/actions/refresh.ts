import { AppError } from '../../../broker/errors.ts';
import { viewOf } from '../accounts/view.ts';
import type { AuthAction } from '../room.ts';
import { exchangeRefreshToken } from '../sessions/exchange.ts';

export const refresh: AuthAction<'refresh'> = async (room, call) => {
  const { refreshToken } = call.params;
  if (!refreshToken) throw new AppError('unauthenticated');
  const { user, tokens } = await exchangeRefreshToken(room, refreshToken, call);
  return { user: viewOf(user), tokens };
};
