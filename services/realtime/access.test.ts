import { settableClock } from '../../broker/process/clock.ts';
import { eventually } from '../../broker/testing/start-services.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { REVOKED_SIGNAL } from '../../shared/contracts/auth/fields.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { realtime, SOCKET_CALL } from '../../shared/contracts/realtime.ts';
import { aPayment, startRealtime, type RealtimeApp, type TestSocket } from './testing/start-realtime.ts';

const clock = settableClock();
const at = new Date().toISOString();
let app: RealtimeApp;
beforeAll(async () => {
  app = await startRealtime({ clock });
});
afterEach(() => {
  clock.set(Date.now());
  app.closeAll();
});
afterAll(() => app.stop());

const refusalOf = (socket: TestSocket) => eventually(() => socket.refused);
const ticketsOf = (userId: string) => app.sql('select * from tickets where user_id = $1', [userId]);
const welcomed = (socket: TestSocket) => eventually(() => socket.welcome);

describe.each(['websocket', 'polling'] as const)('over %s', (transport) => {
  const signAssertion = (to: string, timeoutMs: number) => {
    const who = { caller: app.person(), requestId: 'test', timeoutMs };
    return app
      .service('gateway')
      .signAssertion(to, who, { expiresAtMs: clock.nowMs() + 600_000, version: 1 });
  };
  const changed = () => {
    const letter = JSON.parse(Buffer.from(app.letter({ as: app.person() }), 'base64url').toString()) as {
      params: object;
    };
    const later = { ...letter, params: { ...letter.params, version: 99 } };
    return Buffer.from(JSON.stringify(later)).toString('base64url');
  };

  test.each([
    ['no word of the gateway', () => null],
    ['something that is no such word', () => 'let-me-in'],
    ['a word that was changed on its way', changed],
    ['a word for something else', () => signAssertion('realtime.notifications', 10_000)],
    ['a word that is too old', () => signAssertion(SOCKET_CALL, -1)],
  ])('nobody is let in with %s', async (_what, letter) => {
    const socket = app.connect({ transport, letter: letter() });
    expect(await refusalOf(socket)).toMatch(/websocket error|xhr poll error/);
    expect(app.state().connections.all()).toEqual([]);
  });

  test('who is not signed in and has no ticket is told so', async () => {
    expect(await refusalOf(app.connect({ transport }))).toBe('unauthenticated');
  });

  test('an access token that has expired meanwhile opens nothing', async () => {
    const socket = app.connect({ as: app.person(), transport, expiresAtMs: Date.now() - 1 });
    expect(await refusalOf(socket)).toBe('token_expired');
  });

  test('a ticket lets its owner in, once', async () => {
    const as = app.person('VENDOR');
    const { ticket, expiresInS } = await app.call(realtime.actions.issueTicket, {}, { as });
    expect(expiresInS).toBe(30);
    const first = app.connect({ transport, auth: { ticket } });
    await welcomed(first);
    expect(first.welcome?.userId).toBe(as.userId);
    await app.tell(payments.events.created, aPayment(app.person(), as));
    await eventually(() => first.messages.length === 1);
    expect(await refusalOf(app.connect({ transport, auth: { ticket } }))).toBe('ticket_invalid');
  });

  test.each([
    ['made up', async () => `tkt_${'A'.repeat(43)}`],
    ['no text', async () => ({ $ne: '' })],
    [
      'older than half a minute',
      async () => {
        const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as: app.person() });
        clock.set(Date.now() + 30_500);
        return ticket;
      },
    ],
  ])('a ticket that is %s is refused', async (_what, make) => {
    expect(await refusalOf(app.connect({ transport, auth: { ticket: await make() } }))).toBe(
      'ticket_invalid',
    );
  });

  test('when the access token expires its socket is told so and closed', async () => {
    const [short, long] = [
      app.connect({ as: app.person(), transport, expiresAtMs: Date.now() + 60_000 }),
      app.connect({ as: app.person(), transport, expiresAtMs: Date.now() + 600_000 }),
    ] as const;
    await Promise.all([welcomed(short), welcomed(long)]);
    clock.set(Date.now() + 61_000);
    await eventually(() => short.closed, 1_500);
    expect([short.close, long.close, long.closed]).toEqual(['expired', null, false]);
  });

  describe('within a second', () => {
    test('a session that is revoked loses its sockets, and no other', async () => {
      const as = app.person();
      const [mine, same, other] = [
        app.connect({ as, transport }),
        app.connect({ as, transport }),
        app.connect({ as: { ...as, sessionId: app.person().sessionId }, transport }),
      ] as const;
      await Promise.all([mine, same, other].map(welcomed));
      await app.signal(REVOKED_SIGNAL, { sessionIds: [as.sessionId], staleVersions: [] });
      await eventually(() => mine.closed && same.closed, 1_000);
      expect([mine, same, other].map(({ close }) => close)).toEqual(['revoked', 'revoked', null]);
      expect(other.closed).toBe(false);
      expect(await refusalOf(app.connect({ as, transport }))).toBe('session_ended');
    });

    test('the event alone does it too', async () => {
      const as = app.person();
      const socket = app.connect({ as, transport });
      await welcomed(socket);
      const { userId, sessionId } = as;
      await app.tell(auth.events.sessionEnded, { userId, sessionId, reason: 'signed_out', at });
      await eventually(() => socket.close === 'revoked' && socket.closed, 1_000);
    });

    test('sockets of former rights are closed, those of the new ones stay', async () => {
      const as = app.person('VENDOR');
      const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as });
      const sockets = [
        app.connect({ as, transport, version: 1 }),
        app.connect({ transport, auth: { ticket } }),
        app.connect({ as, transport, version: 2 }),
        app.connect({ as: app.person(), transport, version: 1 }),
      ];
      await Promise.all(sockets.map(welcomed));
      await app.signal(REVOKED_SIGNAL, {
        sessionIds: [],
        staleVersions: [{ userId: as.userId, version: 2 }],
      });
      await eventually(() => sockets[0]?.closed && sockets[1]?.closed, 1_000);
      expect(sockets.map(({ close }) => close)).toEqual(['access_changed', 'access_changed', null, null]);
      expect(await refusalOf(app.connect({ as, transport, version: 1 }))).toBe('token_expired');
    });
  });
});

test('a change of role closes by its event too, and tickets of before it are void', async () => {
  const as = app.person('VENDOR');
  const socket = app.connect({ as });
  await welcomed(socket);
  const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as });
  await app.tell(auth.events.roleChanged, {
    userId: as.userId,
    role: 'CUSTOMER',
    previousRole: 'VENDOR',
    accessVersion: 2,
    by: app.person('ADMIN').userId,
    reason: 'asked for it',
    at,
  });
  await eventually(() => socket.close === 'access_changed' && socket.closed);
  await eventually(async () => (await ticketsOf(as.userId)).length === 0);
  expect(await refusalOf(app.connect({ auth: { ticket } }))).toBe('ticket_invalid');
});

test('a ticket of a session that has ended opens nothing, by signal and by event', async () => {
  const as = app.person();
  const issue = async () => (await app.call(realtime.actions.issueTicket, {}, { as })).ticket;
  const [first, second] = [await issue(), await issue()];
  await app.signal(REVOKED_SIGNAL, { sessionIds: [as.sessionId], staleVersions: [] });
  expect(await refusalOf(app.connect({ auth: { ticket: first } }))).toBe('session_ended');
  const { userId, sessionId } = as;
  await app.tell(auth.events.sessionEnded, { userId, sessionId, reason: 'revoked', at });
  await eventually(async () => (await ticketsOf(as.userId)).length === 0);
  expect(await refusalOf(app.connect({ auth: { ticket: second } }))).toBe('ticket_invalid');
});

test('a ticket is kept as a hash only', async () => {
  const as = app.person();
  const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as });
  const rows = await ticketsOf(as.userId);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(ticket.slice(4));
});

test('a session that is revoked while its sockets are on their way keeps none of them', async () => {
  const people = Array.from({ length: 30 }, () => app.person());
  const sockets = people.map((as) => app.connect({ as }));
  for (const { sessionId } of people) {
    await app.signal(REVOKED_SIGNAL, { sessionIds: [sessionId], staleVersions: [] });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => sockets.every(({ closed, refused }) => closed || refused));
  expect(app.state().connections.all()).toEqual([]);
});

describe('a process that could not hear what was revoked', () => {
  test('asks when it can again, lets nobody in before that, and closes what it missed', async () => {
    const revoked = { sessionIds: [] as never[], staleVersions: [] as never[] };
    let answer: () => void = () => undefined;
    let asked = 0;
    const other = await startRealtime({
      revoked: async () => {
        asked += 1;
        if (asked > 1) await new Promise<void>((resolve) => (answer = resolve));
        return revoked;
      },
    });
    const [gone, changed, stays] = [other.person(), other.person(), other.person()];
    const sockets = [gone, changed, stays].map((as) => other.connect({ as }));
    await Promise.all(sockets.map(welcomed));
    revoked.sessionIds.push(gone.sessionId as never);
    revoked.staleVersions.push({ userId: changed.userId, version: 2 } as never);
    other.loseBus();
    other.regainBus();
    const late = [other.connect({ as: stays }), other.connect({ as: gone })] as const;
    await eventually(() => asked === 2);
    expect(late.map(({ welcome, refused }) => welcome ?? refused)).toEqual([null, null]);
    answer();
    await eventually(() => sockets[0]?.closed && sockets[1]?.closed);
    expect(sockets.map(({ close }) => close)).toEqual(['revoked', 'access_changed', null]);
    await welcomed(late[0]);
    expect(await refusalOf(late[1])).toBe('session_ended');
    await other.stop();
  });
});
