/** Of a refresh token that is not used; each use makes one that lives as long. In seconds. */
export const REFRESH_TOKEN_LIFETIME_S = 30 * 24 * 3600;
