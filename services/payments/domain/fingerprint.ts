const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

const sorted = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const fields = Object.entries(value).sort(byName);
  return Object.fromEntries(fields.map(([name, inner]) => [name, sorted(inner)]));
};

/**
 * JSON text that is the same for the same fields in any order, at any depth: the fields of objects are sorted
 * by their UTF-16 code units, as in RFC 8785 (3.2.3).
 */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value));

/** Hashes of a request: of its canonical JSON, and of its JSON as earlier versions hashed it. */
export type RequestHashes = { fingerprint: string; bodyHash: string };
/** Those of an earlier request; a process of an earlier version stored no fingerprint. */
export type StoredHashes = { fingerprint: string | null; bodyHash: string };

/** Whether two requests are the same. */
export const isSameRequest = (stored: StoredHashes, { fingerprint, bodyHash }: RequestHashes): boolean =>
  stored.fingerprint === null ? stored.bodyHash === bodyHash : stored.fingerprint === fingerprint;
