import type { Client } from '../../../../../shared/client/client.ts';
import type { ManagedUser } from '../../../../../shared/contracts/auth/users.ts';
import { ACTS, actsFor, driftText, fieldProblems, isIssued, type ActValues } from './acts.ts';

const USER = {
  id: 'usr_1',
  name: 'Ada',
  email: 'ada@example.com',
  role: 'VENDOR',
  state: 'active',
} as unknown as ManagedUser;
const VALUES: ActValues = {
  reason: 'Asked for',
  name: 'Ada',
  email: 'ada@example.com',
  role: 'VENDOR',
  confirmation: '',
};
const session = { items: [{}], nextCursor: null } as never;
const none = { items: [], nextCursor: null };

const labels = (state: ManagedUser['state'], isOwn = false, sessions = none) =>
  actsFor({ state, sessions }, isOwn).map(({ label }) => label);

it('offers what can be done in each state', () => {
  expect(labels('active', false, session)).toEqual([
    'Edit',
    'Change role',
    'Sign out everywhere',
    'Reset password',
    'Suspend',
    'Close account',
  ]);
  expect(labels('suspended')).toContain('Restore');
  expect(labels('suspended')).not.toContain('Suspend');
  expect(labels('invited')).toContain('Renew invitation');
  expect(labels('invited')).not.toContain('Reset password');
  expect(labels('closed')).toEqual([]);
});

it('offers nobody to shut themselves out', () => expect(labels('active', true, session)).toEqual(['Edit']));

it('sends only the names that were changed', async () => {
  const sent: unknown[] = [];
  const client = {
    call: async (_action: unknown, params: unknown) => sent.push(params),
  } as unknown as Client;
  await ACTS.edit.send(client, USER, { ...VALUES, name: ' Ada L. ' });
  await ACTS.edit.send(client, USER, { ...VALUES, email: 'l@example.com' });
  expect(sent).toEqual([
    { id: 'usr_1', reason: 'Asked for', name: 'Ada L.' },
    { id: 'usr_1', reason: 'Asked for', email: 'l@example.com' },
  ]);
});

it('says what is missing before anything is sent', () => {
  expect(fieldProblems(ACTS.edit, USER, VALUES)).toEqual({ name: 'Nothing was changed yet.' });
  expect(fieldProblems(ACTS.edit, USER, { ...VALUES, name: ' ' })).toEqual({ name: 'Fill this in.' });
  expect(fieldProblems(ACTS.setRole, USER, VALUES)).toEqual({ role: 'The user has this role already.' });
  expect(fieldProblems(ACTS.close, USER, { ...VALUES, confirmation: 'ada' })).toHaveProperty('confirmation');
  expect(fieldProblems(ACTS.close, USER, { ...VALUES, confirmation: 'ADA@example.com' })).toEqual({});
  expect(fieldProblems(ACTS.suspend, USER, VALUES)).toEqual({});
});

it('says what another administrator has changed meanwhile', () => {
  expect(driftText(USER, USER)).toBe('');
  const now = { ...USER, state: 'suspended' as const, role: 'ADMIN' as const };
  expect(driftText(USER, now)).toBe('The role is Administrator now. The account is suspended now.');
});

it('knows an answer with a link', () => {
  expect(isIssued(USER)).toBe(false);
  expect(isIssued({ user: USER, link: null, mail: 'sent', expiresAt: '2026-11-30T00:00:00.000Z' })).toBe(
    true,
  );
});
