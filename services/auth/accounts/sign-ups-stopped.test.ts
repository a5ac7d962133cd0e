import { storeInQueue } from '../../../broker/events/in-process-hub.ts';
import { systemClock } from '../../../broker/process/clock.ts';
import { newId } from '../../../broker/process/ids.ts';
import { eventually } from '../../../broker/testing/eventually.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

let app: AuthApp;
// Without the service admin: what it said last is obeyed.
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app?.stop());

/** Delivers a change as admin publishes it. */
const deliver = async (value: boolean, version: number): Promise<void> => {
  const { name: event, version: schema } = admin.events.settingChanged;
  const about = { by: newId('user', 1), reason: 'Abuse', approvalId: null, at: new Date().toISOString() };
  const payload = { key: 'signUpsStopped', value, previousValue: !value, version, ...about };
  const given = { requestId: null, origin: null, occurredAtMs: Date.now() };
  await storeInQueue(app.service.db, systemClock, [
    { id: newId('event', Date.now()), event, version: schema, payload: JSON.stringify(payload), ...given },
  ]);
  await eventually(async () => expect(await app.sql('select cause from event_queue')).toEqual([]));
};

it('while sign-ups are stopped nobody registers, administrators invite, and users sign in', async () => {
  const user = await app.register();
  await deliver(true, 1);
  await expect(app.register()).rejects.toMatchObject({ code: 'sign_ups_stopped', data: { retryAfterS: 60 } });
  const invitation = { email: 'invited@example.com', name: 'Ida', role: 'VENDOR' as const, reason: 'Known' };
  const { link } = await app.call(auth.actions.inviteUser, invitation, { as: await app.admin() });
  const token = String(link).split('#')[1] as string;
  await app.call(auth.actions.setPassword, { token, newPassword: PASSWORD });
  expect(
    (await app.call(auth.actions.login, { email: invitation.email, password: PASSWORD })).user,
  ).toMatchObject({ role: 'VENDOR' });
  await app.login(user);
  await deliver(false, 2);
  expect((await app.register()).user.role).toBe('CUSTOMER');
});
