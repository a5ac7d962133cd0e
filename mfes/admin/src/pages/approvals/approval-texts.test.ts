import { actText, effectText } from './approval-texts.ts';

const LOCALE = 'en-GB';
const none = { name: null, role: null, userIds: null, setting: null };

it('says what was asked for, and what approving does', () => {
  const grant = { ...none, act: 'setRole', name: 'Bob', role: 'ADMIN' } as const;
  expect(actText(grant, LOCALE)).toBe('Make Bob an administrator');
  expect(effectText(grant)).toMatch('is an administrator from the next request on');
  const invitation = { ...none, act: 'inviteUser', name: 'Eve', role: 'VENDOR' } as const;
  expect(actText(invitation, LOCALE)).toBe('Invite Eve as a vendor');
  expect(effectText(invitation)).toMatch('one-time link');
});

it('names the setting with its values, and how many users', () => {
  const key = 'largestAmounts';
  const setting = { key, before: { EUR: 50_000 }, value: { EUR: 100_000 }, version: 1 } as const;
  expect(actText({ ...none, act: 'changeSetting', setting }, LOCALE)).toBe(
    'Change the largest amounts: EUR from €500.00 to €1,000.00',
  );
  expect(actText({ ...none, act: 'changeSetting' }, LOCALE)).toBe('Change the configuration');
  expect(actText({ ...none, act: 'suspendUsers', userIds: [] }, LOCALE)).toBe('Suspend 0 users');
});
