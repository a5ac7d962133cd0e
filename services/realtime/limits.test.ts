import { eventually } from '../../broker/testing/start-services.ts';
import { newId } from '../../broker/process/ids.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { saying, tell } from './messages/send.ts';
import type { RealtimeService } from './realtime.ts';
import { startRealtime, type RealtimeApp, type TestSocket } from './testing/start-realtime.ts';

let app: RealtimeApp;
beforeAll(async () => {
  app = await startRealtime({ env: { REALTIME_SOCKETS_PER_ADDRESS: '3' } });
});
afterEach(() => app.closeAll());
afterAll(() => app.stop());

test('an address has so many sockets and no more, until it closes one', async () => {
  const open = (address = '198.51.100.7') => app.connect({ as: app.person(), address });
  const sockets = [open(), open(), open()];
  await eventually(() => sockets.every(({ welcome }) => welcome));
  const [refused, elsewhere] = [open(), open('198.51.100.8')];
  await eventually(() => refused.refused && elsewhere.welcome);
  expect(refused.refused).toBe('too_many_connections');
  sockets[0]?.socket.disconnect();
  await eventually(async () => {
    const again = open();
    return eventually(() => again.welcome ?? again.refused).then((answer) => typeof answer === 'object');
  });
});

test('who goes on all the same is not even heard', async () => {
  const sockets = Array.from({ length: 20 }, () => app.connect({ as: app.person(), address: '203.0.113.1' }));
  await eventually(() => sockets.every(({ welcome, refused }) => welcome ?? refused));
  const answers = sockets.map(({ refused }) => refused);
  expect(answers.filter((answer) => answer === null)).toHaveLength(3);
  expect(answers).toContain('websocket error');
});

test('a user has twenty sockets at a process; the oldest goes for the next', async () => {
  const as = app.person();
  const sockets: TestSocket[] = [];
  for (let count = 0; count < 21; count++) {
    const socket = app.connect({ as, address: `192.0.2.${count + 10}` });
    await eventually(() => socket.welcome);
    sockets.push(socket);
  }
  await eventually(() => sockets[0]?.closed);
  expect(sockets.map(({ close }) => close)).toEqual(['replaced', ...Array.from({ length: 20 }, () => null)]);
});

test('a client that never reads is gone within ten seconds, and keeps no memory meanwhile', async () => {
  const as = app.person();
  const [stuck, reads] = [app.connect({ as }), app.connect({ as })];
  await eventually(() => stuck.welcome && reads.welcome);
  const [connection] = app.state().connections.all();
  const conn = connection?.socket.conn as unknown as {
    writeBuffer: unknown[];
    readyState: string;
    transport: { socket: { bufferedAmount: number } };
  };
  type Engine = { transport: { ws: { pause(): void; terminate(): void } } };
  const startedMs = performance.now();
  const { ws } = (stuck.socket.io.engine as unknown as Engine).transport;
  ws.pause();

  const service = app.service('realtime') as RealtimeService;
  const device = 'x'.repeat(16_000);
  const content = { type: 'signed_in' as const, sessionId: as.sessionId, device, address: null };
  const added = { id: newId('notification', 0), content, read: false, createdAt: new Date().toISOString() };
  const waiting = { packets: 0, bytes: 0 };
  // More than the machine itself keeps for a connection.
  for (let told = 0; told < 1_000; told += 100) {
    const many = Array.from({ length: 100 }, () =>
      saying(realtime.messages.notificationsChanged, [as.userId], { unread: 1, added }),
    ).flat();
    await service.db.transaction((tx) => tell(service, tx, many));
    await eventually(() => reads.messages.length === told + 100);
    waiting.packets = Math.max(waiting.packets, conn.writeBuffer.length);
    waiting.bytes = Math.max(waiting.bytes, conn.transport.socket.bufferedAmount);
  }
  expect(connection?.cloggedSinceMs).not.toBeNull();
  expect(waiting.packets).toBeLessThanOrEqual(500);
  expect(waiting.bytes).toBeLessThan(512 * 1_024);
  await eventually(() => conn.readyState === 'closed', 10_000 - (performance.now() - startedMs));
  ws.terminate();
  expect(reads.messages.map(({ seq }) => seq)).toEqual(reads.messages.map((_message, index) => index + 1));
});
