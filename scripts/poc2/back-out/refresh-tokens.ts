import { refreshTokens, type RefreshTokenSource } from '../mapping/refresh-tokens.ts';
import type { MappingContext } from '../mapping/table-mapping.ts';
import { mappedIn, type Write } from './writes.ts';

/** What auth has of a token that came from POC-2. */
export type TokenHash = string;

/** The hash of a token that was carried over; null for one that was not. */
export const carriedHash = (row: RefreshTokenSource, context: MappingContext): TokenHash | null => {
  const { rows } = refreshTokens.map(row, context);
  const hash = mappedIn({ row: {}, rows }, 'refresh_tokens')?.['hash'];
  return typeof hash === 'string' ? hash : null;
};

/**
 * Whether POC-2 loses a token: it was exchanged in Payloom, its session is over, or its user may not use
 * POC-2 any more. Sessions that began in Payloom have no token for POC-2.
 * @param live hashes of tokens that auth would still exchange
 */
export const isOver = (
  hash: TokenHash | null,
  userId: string | null,
  { live, barred }: { live: ReadonlySet<TokenHash>; barred: ReadonlySet<string> },
): boolean => (userId !== null && barred.has(userId)) || (hash !== null && !live.has(hash));

export const tokenGone = (id: string): Write => ({
  ...{ table: 'refresh_tokens', act: 'delete', id, values: {} },
});
