/** Text that cannot be stored, in a value, deeper, and in a key; with the path below the field. */
export const UNSTORABLE: [value: unknown, path: string][] = [
  ['\ud800', ''],
  ['a\u0000b', ''],
  [{ deep: ['x', '\udc00'] }, '.deep.1'],
  [{ 'k\ud800': 'x' }, '.k\\ud800'],
  [{ 'k\u0000': 'x' }, '.k\\u0000'],
];

/** Wrong for most fields; none is right for one that changes more than a setting. */
export const ODD: unknown[] = [
  ...[null, [], {}, -1, 1e300, '', ' ', '\u202e', '\u2800'],
  ...['9'.repeat(400), '2026-02-30', '4242 4242 4242 4242'],
];
