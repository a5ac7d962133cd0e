const NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/;
const MAX_LENGTH = 64;

/** Whether this is the name of a time zone (IANA) that this program knows, such as `Europe/Berlin`. */
export const isTimeZone = (name: string): boolean => {
  if (name.length > MAX_LENGTH || !NAME.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};
