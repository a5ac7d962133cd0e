import type { RequestOrigin } from '../../broker/calls/request-context.ts';
import { newId } from '../../broker/process/ids.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { admin } from '../../shared/contracts/admin/admin.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { startAdmin, type AdminApp, type TestUser } from './testing/start-admin.ts';

let app: AdminApp;
beforeAll(async () => {
  app = await startAdmin();
});
afterAll(() => app.stop());

const AT = '2026-11-23T09:30:00.000Z';
const originOf = (user: TestUser, address = '192.0.2.7'): RequestOrigin => ({
  caller: { userId: user.id, role: user.role, sessionId: newId('session', 1) },
  address,
  userAgent: 'Payloom test/1',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
});
const paid = (payer: TestUser, payee: TestUser) => ({
  id: newId('payment', Date.now()),
  payerId: payer.id,
  payeeId: payee.id,
  amountMinor: 1_250,
  currency: 'EUR' as const,
  status: 'pending' as const,
  version: 1,
  at: AT,
});
const idsOf = (entries: readonly { id: string }[]) => entries.map(({ id }) => id);

it('an event becomes one entry with everything about it, however often it is delivered', async () => {
  const ada = app.newUser({ role: 'ADMIN', name: 'Ada Admin' });
  const bob = app.newUser({ name: 'Bob' });
  const changes = { before: null, after: null };
  const payload = { userId: bob.id, by: ada.id, reason: 'Chargebacks, ticket 1204', at: AT, ...changes };
  const given = { requestId: 'req-1', origin: originOf(ada), atMs: Date.parse(AT) };
  const id = await app.deliver(auth.events.userSuspended, payload, given);
  await app.handled();
  await app.deliver(auth.events.userSuspended, payload, { ...given, id });
  // As after the inbox was purged.
  await app.service('admin').db.query('delete from inbox');
  await app.deliver(auth.events.userSuspended, payload, { ...given, id });
  await app.handled();
  expect(await app.list({ requestId: 'req-1' })).toEqual([
    {
      id,
      at: AT,
      action: 'auth.user-suspended',
      actor: { id: ada.id, role: 'ADMIN', name: 'Ada Admin', email: ada.email },
      person: { id: bob.id, name: 'Bob', email: bob.email },
      target: { type: 'user', id: bob.id },
      reason: 'Chargebacks, ticket 1204',
      address: '192.0.2.7',
      device: 'Payloom test/1',
      sessionId: given.origin.caller?.sessionId,
      requestId: 'req-1',
      traceId: given.origin.traceId,
      before: null,
      after: { userId: bob.id },
    },
  ]);
});

it('an entry keeps the names of its time, and a change of a user has the state before', async () => {
  const cat = app.newUser({ name: 'Cat Before' });
  await app.deliver(auth.events.userChanged, cat);
  await app.handled();
  await app.deliver(auth.events.userChanged, { ...cat, name: 'Cat After', version: 2 });
  await app.handled();
  const [second, first] = await app.list({ target: cat.id });
  expect(first).toMatchObject({ person: { name: 'Cat Before' }, before: null });
  expect(second).toMatchObject({
    person: { name: 'Cat After' },
    before: { name: 'Cat Before', email: cat.email },
    after: { name: 'Cat After' },
  });
});

it('a person is found by id, by name, by e-mail address in any case, and as the other party', async () => {
  const payer = app.newUser({ name: 'Zoë Payer' });
  const payee = app.newUser({ name: 'Yngve Straße', email: 'pay@xn--bcher-kva.example' });
  await app.deliver(auth.events.userChanged, payer);
  await app.deliver(auth.events.userChanged, payee);
  await app.handled();
  const id = await app.deliver(payments.events.created, paid(payer, payee), { origin: originOf(payer) });
  await app.handled();
  for (const person of [payer.id, 'ZOË', payer.email.toUpperCase(), 'YNGVE STRASSE', 'pay@bücher.example'])
    expect(idsOf(await app.list({ person, action: 'payments.created' }))).toEqual([id]);
  expect(idsOf(await app.list({ person: payee.id }))).toContain(id);
  expect(await app.list({ person: 'nobody has this name' })).toEqual([]);
});

it('every filter narrows the list, all of them together, newest first and page by page', async () => {
  const [dan, eve] = [app.newUser({ name: 'Dan Filter' }), app.newUser()];
  const ids: string[] = [];
  for (let minute = 0; minute < 8; minute++) {
    const atMs = Date.parse('2025-03-01T12:00:00.000Z') + minute * 60_000;
    const origin = originOf(dan, minute % 2 ? '198.51.100.1' : '198.51.100.2');
    const payload = paid(dan, eve);
    const event = minute % 4 ? payments.events.created : payments.events.cancelled;
    ids.unshift(await app.deliver(event, payload, { atMs, origin, requestId: `filter-${minute}` }));
  }
  await app.handled();
  const period = { from: '2025-03-01T12:00:00.000Z', to: '2025-03-01T12:08:00.000Z' };
  expect(idsOf(await app.list(period))).toEqual(ids);
  expect(idsOf(await app.list({ ...period, person: dan.id }))).toEqual(ids);
  expect(idsOf(await app.list({ ...period, from: '2025-03-01T12:06:00.000Z' }))).toEqual(ids.slice(0, 2));
  expect(idsOf(await app.list({ person: eve.id, address: '198.51.100.1' }))).toEqual(
    ids.filter((_id, at) => at % 2 === 0),
  );
  expect(idsOf(await app.list({ ...period, action: 'payments.cancelled', q: 'DAN FILTER' }))).toEqual([
    ids[3],
    ids[7],
  ]);
  expect(idsOf(await app.list({ requestId: 'filter-5', address: '198.51.100.2' }))).toEqual([]);
  const { sessionId } = (await app.list({ requestId: 'filter-5' }))[0] ?? {};
  expect(idsOf(await app.list({ sessionId: sessionId ?? '' }))).toEqual([ids[2]]);
  expect(idsOf(await app.list({ ...period, traceId: originOf(dan).traceId ?? '' }))).toEqual(ids);
  expect(idsOf(await app.list({ requestId: 'filter-5', q: 'payloom test' }))).toEqual([ids[2]]);
});

it('a page by its number has the entries of the list, and how many there are', async () => {
  const [ada, bob] = [app.newUser({ role: 'ADMIN' }), app.newUser({ name: 'Numbered' })];
  // Before the entries about who read this list.
  const filters = { person: bob.id, to: '2026-11-24' };
  for (let index = 0; index < 5; index++)
    await app.deliver(
      payments.events.created,
      { ...paid(bob, app.newUser()), at: AT },
      { origin: originOf(bob), atMs: Date.parse(AT) + index },
    );
  const all = await eventually(async () => {
    const found = await app.list(filters);
    return found.length === 5 ? found : null;
  });
  const as = { userId: ada.id, role: ada.role, sessionId: newId('session', 1) };
  const { auditPage } = admin.actions;
  const page = (pageNumber: number) => app.call(auditPage, { ...filters, pageNumber, limit: 2 }, { as });
  const pages = [await page(1), await page(2), await page(3)];
  expect(pages.flatMap(({ items }) => items)).toEqual(all);
  expect(pages.map(({ total, more }) => [total, more])).toEqual([1, 2, 3].map(() => [5, false]));
  const nobodys = await app.call(auditPage, { person: newId('user', 2) }, { as });
  expect(nobodys).toEqual({ items: [], total: 0, more: false });
});

it('a cursor is valid for its own filters only', async () => {
  const { call, administrator: as } = app;
  const { nextCursor: cursor } = await call(admin.actions.auditEntries, { limit: 1 }, { as });
  expect(cursor).not.toBeNull();
  for (const params of [{ cursor: cursor!, q: 'other' }, { cursor: 'nonsense' }])
    await expect(call(admin.actions.auditEntries, params, { as })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
});
