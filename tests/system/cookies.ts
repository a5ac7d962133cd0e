/**
 * The access cookie as a browser sends it to an instance with this public origin. On loopback the `__Host-`
 * prefix is used over plain HTTP too; a port that is not the scheme's default is part of the name.
 */
export const accessCookie = (origin: string, accessToken: string): string => {
  const { port } = new URL(origin);
  return `__Host-payloom_access${port === '' ? '' : `_${port}`}=${accessToken}`;
};
