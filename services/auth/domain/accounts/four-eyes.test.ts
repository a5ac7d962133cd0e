import { GRANT_ADMIN_WEIGHT, needsApproval } from './four-eyes.ts';

const rows: [rule: string, weight: number, threshold: number, admins: number, waits: boolean][] = [
  ['a grant of ADMIN waits by default', GRANT_ADMIN_WEIGHT, 10, 2, true],
  ['the only administrator waits for nobody', GRANT_ADMIN_WEIGHT, 10, 1, false],
  ['a lighter act does not wait', 9, 10, 5, false],
  ['a threshold of 0 switches approvals off', GRANT_ADMIN_WEIGHT, 0, 5, false],
];

it.each(rows)('%s', (_rule, weight, threshold, admins, waits) => {
  expect(needsApproval({ weight, threshold, admins })).toBe(waits);
});
