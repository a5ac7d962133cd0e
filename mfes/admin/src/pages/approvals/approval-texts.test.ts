import { actText, effectText } from './approval-texts.ts';

it('says what was asked for, and what approving does', () => {
  const grant = { act: 'setRole', name: 'Bob', role: 'ADMIN', userIds: null } as const;
  expect(actText(grant)).toBe('Make Bob an administrator');
  expect(effectText(grant)).toMatch('is an administrator from the next request on');
  const invitation = { act: 'inviteUser', name: 'Eve', role: 'VENDOR', userIds: null } as const;
  expect(actText(invitation)).toBe('Invite Eve as a vendor');
  expect(effectText(invitation)).toMatch('one-time link');
  const none = { name: null, role: null };
  expect(actText({ act: 'suspendUsers', ...none, userIds: [] })).toBe('Suspend 0 users');
  expect(actText({ act: 'changeSetting', ...none, userIds: null })).toBe('Change the configuration');
});
