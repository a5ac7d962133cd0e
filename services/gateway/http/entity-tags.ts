import { createHash } from 'node:crypto';

/** A strong entity tag for bytes that are always sent as they are. */
export const strongTagOf = (bytes: Buffer): string => `"${hashOf(bytes)}"`;

/** A weak one for a text that a proxy may compress. */
export const weakTagOf = (text: string): string => `W/"${hashOf(text)}"`;

const hashOf = (content: Buffer | string): string =>
  createHash('sha256').update(content).digest('base64url').slice(0, 22);

/**
 * Whether If-None-Match names the entity tag: a list, compared weakly, or `*` for any (RFC 9110 13.1.2). A
 * tag may contain commas, so the list is not split at them.
 */
export const isNamed = (header: string | undefined, etag: string): boolean => {
  if (header === undefined) return false;
  const tags: readonly string[] = header.match(/"[^"]*"/g) ?? [];
  return header.trim() === '*' || tags.includes(etag.replace(/^W\//, ''));
};
