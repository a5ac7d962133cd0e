const SECRET_KEYS: ReadonlySet<string> = new Set([
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'tokens',
  'authorization',
  'cookie',
  'secret',
  'secretKey',
  'privateKey',
  'paymentMethod',
  'body',
]);
const DEPTH = 6;
const CUT = '[cut]';

const cut = (value: unknown, depth: number): unknown => {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (depth === 0) return CUT;
  let copy: Record<string, unknown> | undefined;
  for (const [key, inner] of Object.entries(value)) {
    const shown = SECRET_KEYS.has(key) && inner !== undefined ? CUT : cut(inner, depth - 1);
    if (shown !== inner) (copy ??= (Array.isArray(value) ? [...value] : { ...value }) as never)[key] = shown;
  }
  return copy ?? value;
};

/**
 * What a log line shows of an object: the values of properties with a secret's name are replaced, and so is
 * what lies more than six levels deep. The object itself stays as it is.
 */
export const cutSecrets = (fields: Record<string, unknown>): Record<string, unknown> =>
  cut(fields, DEPTH) as Record<string, unknown>;
