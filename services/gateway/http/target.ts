const SCHEME_AND_HOST = /^https?:\/\/[^/?#]+/i;

/**
 * A request's target as path and query. A target that is a whole http address (RFC 9112 3.2.2) is served by
 * its path, whatever its host.
 * @returns null for any other target
 */
export const pathAndQuery = (target: string): string | null => {
  if (target.startsWith('/')) return target;
  const found = SCHEME_AND_HOST.exec(target);
  if (!found) return null;
  const rest = target.slice(found[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
};
