import { eventually } from '../../broker/testing/eventually.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.services.stop());

const entryOf = (action: string, target: string) =>
  eventually(async () => {
    const { services, admin: administrator } = world;
    const { items } = await services.call(
      admin.actions.auditEntries,
      { action, target },
      {
        as: administrator.caller,
      },
    );
    return items[0] ?? null;
  }, 15_000);

it('what an administrator does over HTTP is in the log: who, on whom, why, and from where', async () => {
  const { admin: ada, payer } = world;
  const reply = await world.ask(`POST /api/admin/users/${payer.caller.userId}/suspend`, {
    token: ada.accessToken,
    json: { reason: 'Asked for by phone' },
    headers: { 'user-agent': 'audit test' },
  });
  expect(reply.status).toBe(200);
  expect(await entryOf('auth.user-suspended', payer.caller.userId)).toMatchObject({
    actor: { id: ada.caller.userId, role: 'ADMIN', email: ada.email },
    person: { id: payer.caller.userId, email: payer.email },
    reason: 'Asked for by phone',
    device: 'audit test',
    sessionId: ada.caller.sessionId,
    requestId: reply.headers.get('x-request-id'),
    address: expect.stringMatching(/127\.0\.0\.1|::1/) as string,
  });
});

it('events of auth, payments and profile are in the log with their callers', async () => {
  const { payer, payee, paymentId, services } = world;
  expect(await entryOf('payments.created', paymentId)).toMatchObject({
    actor: { id: payer.caller.userId, role: 'CUSTOMER' },
    person: { id: payee.caller.userId },
    target: { type: 'payment', id: paymentId },
  });
  await services.call(profile.actions.savePreferences, { theme: 'dark' }, { as: payee.caller });
  expect(await entryOf('profile.preferences-changed', payee.caller.userId)).toMatchObject({
    actor: { id: payee.caller.userId },
    after: { theme: 'dark' },
  });
  const { caller } = await world.signIn(payee.email);
  expect(await entryOf('auth.session-started', caller.sessionId)).toMatchObject({
    actor: { id: caller.userId },
    target: { type: 'session', id: caller.sessionId },
  });
  await services.call(auth.actions.endSession, { id: caller.sessionId }, { as: payee.caller });
  expect(await entryOf('auth.session-ended', caller.sessionId)).toMatchObject({
    actor: { id: payee.caller.userId },
    reason: 'revoked',
  });
});

it('is exported as files over HTTP, to administrators alone', async () => {
  const { admin: ada, payee } = world;
  const csv = await world.ask('GET /api/admin/audit.csv?action=payments.created', { token: ada.accessToken });
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(csv.headers.get('content-disposition')).toBe('attachment; filename="audit.csv"');
  expect((await csv.text()).split('\r\n')[1]).toContain(`,payments.created,${world.payer.caller.userId},`);
  const json = await world.ask('GET /api/admin/audit.json', { token: ada.accessToken });
  expect(await json.json()).toMatchObject({ export: { format: 'payloom-audit-1', filters: {} } });
  const refused = await world.ask('GET /api/admin/audit.csv', { token: payee.accessToken });
  expect(refused.status).toBe(403);
});
