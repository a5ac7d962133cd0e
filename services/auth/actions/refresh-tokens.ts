import type { AuthAction } from '../room.ts';
import { exchangeRefreshToken } from '../sessions/exchange.ts';

export const refreshTokens: AuthAction<'refreshTokens'> = async (room, call) =>
  (await exchangeRefreshToken(room, call.params.refreshToken, call)).tokens;
