import type { AuthAction } from '../../auth.ts';
import { exchangeRefreshToken } from '../../sessions/refresh.ts';

export const refreshTokens: AuthAction<'refreshTokens'> = async (service, call) =>
  (await exchangeRefreshToken(service, call.params.refreshToken, call)).tokens;
