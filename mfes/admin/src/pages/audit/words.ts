const NAMES: Readonly<Record<string, string>> = {
  amountMinor: 'amount in minor units',
  auditEntries: 'the audit log',
  email: 'e-mail address',
  exportAuditCsv: 'the audit log as CSV',
  exportAuditJson: 'the audit log as JSON',
  exportReport: 'a report as CSV',
  get: 'a payment',
  id: 'id',
  list: 'the list of payments',
  records: 'the records of a payment',
  report: 'a report',
  userDetails: 'details',
  userSessions: 'sessions',
};

/** A name of a contract in words: `sign in locked` of `signInLocked` or `sign-in-locked`. */
export const wordsOf = (name: string): string =>
  NAMES[name] ??
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_.]+/g, ' ')
    .toLowerCase();

/** The first letter as a capital. */
export const begun = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const list = new Intl.ListFormat('en');
export const listOf = (items: readonly string[]): string => list.format(items);
