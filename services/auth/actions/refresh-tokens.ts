import type { AuthAction } from '../room.ts';
import { exchangeRefreshToken } from '../sessions/exchange.ts';

export const refreshTokens: AuthAction<'refreshTokens'> = async (room, { params }) =>
  (await exchangeRefreshToken(room, params.refreshToken)).tokens;
