import { administratorRead, isRecordedRead } from './administrator-reads.ts';
import { CONTRACTS } from './all.ts';
import type { Action } from './contract.ts';

it('every contract with reads that are recorded has the event of them', () => {
  const without = CONTRACTS.filter(
    ({ actions, events }) =>
      (Object.values(actions) as Action[]).some(isRecordedRead) &&
      events['administratorRead']?.payload !== administratorRead.payload,
  );
  expect(without.map(({ service }) => service)).toEqual([]);
});

it('what only administrators may read is recorded unless its contract says otherwise', () => {
  const read = { idempotent: 'read', permission: ['ADMIN'] } as unknown as Action;
  expect(isRecordedRead(read)).toBe(true);
  expect(isRecordedRead({ ...read, recorded: false })).toBe(false);
  expect(isRecordedRead({ ...read, idempotent: 'yes' })).toBe(false);
  expect(isRecordedRead({ ...read, permission: 'signed-in' })).toBe(false);
  expect(isRecordedRead({ ...read, permission: 'signed-in', recorded: true })).toBe(true);
});
