import { settableClock } from '../../broker/process/clock.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
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
  const tamperedAssertion = () => {
    const signed = JSON.parse(
      Buffer.from(app.assertionFor({ as: app.person() }), 'base64url').toString(),
    ) as {
      params: object;
    };
    const tampered = { ...signed, params: { ...signed.params, version: 99 } };
    return Buffer.from(JSON.stringify(tampered)).toString('base64url');
  };

  test.each([
    ['no assertion', () => null],
    ['text that is no assertion', () => 'let-me-in'],
    ['an assertion that was changed', tamperedAssertion],
    ['an assertion for another call', () => signAssertion('realtime.notifications', 10_000)],
    ['an expired assertion', () => signAssertion(SOCKET_CALL, -1)],
  ])('a handshake with %s is refused', async (_what, assertion) => {
    const socket = app.connect({ transport, assertion: assertion() });
    expect(await refusalOf(socket)).toMatch(/websocket error|xhr poll error/);
    expect(app.state().connections.all()).toEqual([]);
  });

  test('a client without a session and a ticket is refused', async () => {
    expect(await refusalOf(app.connect({ transport }))).toBe('unauthenticated');
  });

  test('an access token that has expired since the handshake is refused', async () => {
    const socket = app.connect({ as: app.person(), transport, expiresAtMs: Date.now() - 1 });
    expect(await refusalOf(socket)).toBe('token_expired');
  });

  test('a ticket opens one socket of its owner', async () => {
    const as = app.person('VENDOR');
    const { ticket, expiresInS } = await app.call(realtime.actions.issueTicket, {}, { as });
    expect(expiresInS).toBe(30);
    const first = app.connect({ transport, auth: { ticket } });
    await welcomed(first);
    expect(first.welcome?.userId).toBe(as.userId);
    await app.publish(payments.events.created, aPayment(app.person(), as));
    await eventually(() => expect(first.messages).toHaveLength(1));
    expect(await refusalOf(app.connect({ transport, auth: { ticket } }))).toBe('ticket_invalid');
  });

  test.each([
    ['made up', async () => `tkt_${'A'.repeat(43)}`],
    ['not a string', async () => ({ $ne: '' })],
    [
      'older than 30 seconds',
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

  test('when the access token expires its socket is closed with the reason', async () => {
    const [short, long] = [
      app.connect({ as: app.person(), transport, expiresAtMs: Date.now() + 60_000 }),
      app.connect({ as: app.person(), transport, expiresAtMs: Date.now() + 600_000 }),
    ] as const;
    await Promise.all([welcomed(short), welcomed(long)]);
    clock.set(Date.now() + 61_000);
    await eventually(() => expect(short.closed).toBe(true));
    expect([short.close, long.close, long.closed]).toEqual(['expired', null, false]);
  });

  describe('revoked access', () => {
    test('the sockets of a revoked session are closed, and no others', async () => {
      const as = app.person();
      const [mine, same, other] = [
        app.connect({ as, transport }),
        app.connect({ as, transport }),
        app.connect({ as: { ...as, sessionId: app.person().sessionId }, transport }),
      ] as const;
      await Promise.all([mine, same, other].map(welcomed));
      await app.revoke({ sessionIds: [as.sessionId], staleVersions: [] });
      await eventually(() => mine.closed && same.closed);
      expect([mine, same, other].map(({ close }) => close)).toEqual(['revoked', 'revoked', null]);
      expect(other.closed).toBe(false);
      expect(await refusalOf(app.connect({ as, transport }))).toBe('session_ended');
    });

    test('the event alone closes them too', async () => {
      const as = app.person();
      const socket = app.connect({ as, transport });
      await welcomed(socket);
      const { userId, sessionId } = as;
      await app.publish(auth.events.sessionEnded, { userId, sessionId, reason: 'signed_out', at });
      await eventually(() => expect(socket).toMatchObject({ close: 'revoked', closed: true }));
    });

    test('sockets opened with former rights are closed, those with the new rights stay', async () => {
      const as = app.person('VENDOR');
      const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as });
      const sockets = [
        app.connect({ as, transport, version: 1 }),
        app.connect({ transport, auth: { ticket } }),
        app.connect({ as, transport, version: 2 }),
        app.connect({ as: app.person(), transport, version: 1 }),
      ];
      await Promise.all(sockets.map(welcomed));
      await app.revoke({
        sessionIds: [],
        staleVersions: [{ userId: as.userId, version: 2 }],
      });
      await eventually(() => sockets.slice(0, 2).every(({ closed }) => closed));
      expect(sockets.map(({ close }) => close)).toEqual(['access_changed', 'access_changed', null, null]);
      expect(await refusalOf(app.connect({ as, transport, version: 1 }))).toBe('token_expired');
    });

    test('sockets of a revoked key and of tickets are closed, those of another key stay', async () => {
      const as = app.person();
      const keyId = `revoked-${transport}`;
      const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as });
      const sockets = [
        app.connect({ as, transport, keyId }),
        app.connect({ transport, auth: { ticket } }),
        app.connect({ as, transport }),
      ];
      await Promise.all(sockets.map(welcomed));
      await app.revoke({ sessionIds: [], staleVersions: [], keyIds: [keyId] });
      await eventually(() => sockets.slice(0, 2).every(({ closed }) => closed));
      expect(sockets.map(({ close }) => close)).toEqual(['access_changed', 'access_changed', null]);
      expect(await refusalOf(app.connect({ as, transport, keyId }))).toBe('token_expired');
    });
  });
});

test('the event of a role change closes sockets and voids older tickets', async () => {
  const as = app.person('VENDOR');
  const socket = app.connect({ as });
  await welcomed(socket);
  const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as });
  await app.publish(auth.events.roleChanged, {
    userId: as.userId,
    role: 'CUSTOMER',
    previousRole: 'VENDOR',
    accessVersion: 2,
    by: app.person('ADMIN').userId,
    reason: 'asked for it',
    at,
    before: { role: 'VENDOR' },
    after: { role: 'CUSTOMER' },
  });
  await eventually(() => expect(socket).toMatchObject({ close: 'access_changed', closed: true }));
  await eventually(async () => (await ticketsOf(as.userId)).length === 0);
  expect(await refusalOf(app.connect({ auth: { ticket } }))).toBe('ticket_invalid');
});

test('a ticket of an ended session is refused after the signal and after the event', async () => {
  const as = app.person();
  const issue = async () => (await app.call(realtime.actions.issueTicket, {}, { as })).ticket;
  const [first, second] = [await issue(), await issue()];
  await app.revoke({ sessionIds: [as.sessionId], staleVersions: [] });
  expect(await refusalOf(app.connect({ auth: { ticket: first } }))).toBe('session_ended');
  const { userId, sessionId } = as;
  await app.publish(auth.events.sessionEnded, { userId, sessionId, reason: 'revoked', at });
  await eventually(async () => (await ticketsOf(as.userId)).length === 0);
  expect(await refusalOf(app.connect({ auth: { ticket: second } }))).toBe('ticket_invalid');
});

test('the database stores a ticket only as a hash', async () => {
  const as = app.person();
  const { ticket } = await app.call(realtime.actions.issueTicket, {}, { as });
  const rows = await ticketsOf(as.userId);
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(ticket.slice(4));
});

test('a socket of a session that is revoked during its handshake does not stay open', async () => {
  const people = Array.from({ length: 30 }, () => app.person());
  const sockets = people.map((as) => app.connect({ as }));
  for (const { sessionId } of people) {
    await app.revoke({ sessionIds: [sessionId], staleVersions: [] });
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => sockets.every(({ closed, refused }) => closed || refused));
  expect(app.state().connections.all()).toEqual([]);
});

describe('a process that was disconnected from the bus', () => {
  test('loads the revocations again before it accepts sockets, and closes the revoked ones', async () => {
    const revoked = { sessionIds: [] as never[], staleVersions: [] as never[], keyIds: [] };
    let respond: () => void = () => undefined;
    let loads = 0;
    const other = await startRealtime({
      revoked: async () => {
        loads += 1;
        if (loads > 1) await new Promise<void>((resolve) => (respond = resolve));
        return revoked;
      },
    });
    const [ended, changed, active] = [other.person(), other.person(), other.person()];
    const sockets = [ended, changed, active].map((as) => other.connect({ as }));
    await Promise.all(sockets.map(welcomed));
    revoked.sessionIds.push(ended.sessionId as never);
    revoked.staleVersions.push({ userId: changed.userId, version: 2 } as never);
    other.loseBus();
    other.regainBus();
    const late = [other.connect({ as: active }), other.connect({ as: ended })] as const;
    await eventually(() => expect(loads).toBe(2));
    expect(late.map(({ welcome, refused }) => welcome ?? refused)).toEqual([null, null]);
    respond();
    await eventually(() => sockets.slice(0, 2).every(({ closed }) => closed));
    expect(sockets.map(({ close }) => close)).toEqual(['revoked', 'access_changed', null]);
    await welcomed(late[0]);
    expect(await refusalOf(late[1])).toBe('session_ended');
    await other.stop();
  });
});
