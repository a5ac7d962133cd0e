import { eventually } from '../../broker/testing/eventually.ts';
import { newId } from '../../broker/process/ids.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { messagesFor, sendMessages } from './messages/send.ts';
import type { RealtimeService } from './realtime.ts';
import { startRealtime, type RealtimeApp, type TestSocket } from './testing/start-realtime.ts';

let app: RealtimeApp;
beforeAll(async () => {
  app = await startRealtime({ env: { REALTIME_SOCKETS_PER_ADDRESS: '3' } });
});
afterEach(() => app.closeAll());
afterAll(() => app.stop());

test('an address may open a limited number of sockets, and another one after it closes one', async () => {
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

test('the handshakes of an address far over its limit are refused', async () => {
  const sockets = Array.from({ length: 20 }, () => app.connect({ as: app.person(), address: '203.0.113.1' }));
  await eventually(() => sockets.every(({ welcome, refused }) => welcome ?? refused));
  const answers = sockets.map(({ refused }) => refused);
  expect(answers.filter((answer) => answer === null)).toHaveLength(3);
  expect(answers).toContain('websocket error');
});

test('a user has at most twenty sockets at a process; the next closes the oldest', async () => {
  const as = app.person();
  const sockets: TestSocket[] = [];
  for (let count = 0; count < 21; count++) {
    const socket = app.connect({ as, address: `192.0.2.${count + 10}` });
    await eventually(() => socket.welcome);
    sockets.push(socket);
  }
  await eventually(() => sockets[0]?.closed === true);
  expect(sockets.map(({ close }) => close)).toEqual(['replaced', ...Array.from({ length: 20 }, () => null)]);
});

test('a client that never reads is closed, and its buffer stays bounded meanwhile', async () => {
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
  const { ws } = (stuck.socket.io.engine as unknown as Engine).transport;
  ws.pause();

  const service = app.service('realtime') as RealtimeService;
  const device = 'x'.repeat(16_000);
  const content = { type: 'signed_in' as const, sessionId: as.sessionId, device, address: null };
  const added = { id: newId('notification', 0), content, read: false, createdAt: new Date().toISOString() };
  const waiting = { packets: 0, bytes: 0 };
  // More than the kernel buffers for a connection.
  for (let sent = 0; sent < 1_000; sent += 100) {
    const many = Array.from({ length: 100 }, () =>
      messagesFor(realtime.messages.notificationsChanged, [as.userId], { unread: 1, added }),
    ).flat();
    await service.db.transaction((tx) => sendMessages(service, tx, many));
    await eventually(() => expect(reads.messages).toHaveLength(sent + 100));
    waiting.packets = Math.max(waiting.packets, conn.writeBuffer.length);
    waiting.bytes = Math.max(waiting.bytes, conn.transport.socket.bufferedAmount);
  }
  expect(connection?.fullSinceMs).not.toBeNull();
  expect(waiting.packets).toBeLessThanOrEqual(500);
  expect(waiting.bytes).toBeLessThan(512 * 1_024);
  await eventually(() => conn.readyState === 'closed', 10_000);
  ws.terminate();
  expect(reads.messages.map(({ seq }) => seq)).toEqual(reads.messages.map((_message, index) => index + 1));
});
