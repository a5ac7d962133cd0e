import { eventually } from '../../../broker/testing/eventually.ts';
import { head, openRaw, rawResponse, type RawConnection } from '../../../broker/testing/raw-connection.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { GATEWAY_LIMITS_OFF: 'true' } });
});
afterAll(() => gateway.services.stop());

/** What curl --http2 and Java's HTTP client send. */
const HTTP2 = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA',
];
const WEBSOCKET = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

/** Sends a request and waits for its response on a connection that has had this many before. */
const respondsTo = async (connection: RawConnection, before: number, ...sent: string[]): Promise<string> => {
  for (const part of sent) connection.send(part);
  return eventually(() => {
    const responses = connection.received().split('HTTP/1.1 ');
    const last = responses.at(-1) ?? '';
    return responses.length === before + 2 && last.endsWith('}') && last;
  });
};

test('a request that offers HTTP/2 is answered in HTTP/1.1, and its connection stays open', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on('warning', onWarning);
  const connection = await openRaw(gateway.port);
  for (let before = 0; before < 20; before++) {
    const response = await respondsTo(connection, before, head('GET /health/live', ...HTTP2));
    expect(response).toMatch(/^200 OK[^]*Connection: keep-alive[^]*{"status":"ok"}$/);
  }
  connection.close();
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('its body arrives, whether it comes with the head, later, or in chunks', async () => {
  const body = 'x'.repeat(50_000);
  const connection = await openRaw(gateway.port);
  const sized = head('POST /api/hook', ...HTTP2, `Content-Length: ${body.length}`);
  const chunked = head('POST /api/hook', ...HTTP2, 'Transfer-Encoding: chunked');
  const answers = [
    await respondsTo(connection, 0, sized + body),
    await respondsTo(connection, 1, sized + body.slice(0, 10), body.slice(10)),
    await respondsTo(connection, 2, chunked + '2\r\nyy\r\n', '0\r\n\r\n'),
  ];
  const bodies = answers.map((answer) => JSON.parse(answer.slice(answer.indexOf('{'))) as { body: string });
  expect(bodies.map((received) => received.body)).toEqual([body, body, 'yy']);
  connection.close();
});

test.each([
  ['a WebSocket at another path', 'GET /api/nothing', WEBSOCKET, 404],
  ['a WebSocket with another method', 'POST /ws', WEBSOCKET, 503],
  ['HTTP/2 at the sockets\u2019 path', 'GET /ws', HTTP2, 503],
  ['HTTP/2 for a whole address', 'GET http://localhost/health/live', HTTP2, 200],
])('an upgrade that is not ours is ignored: %s', async (_name, line, headers, status) => {
  const connection = await openRaw(gateway.port);
  connection.send(head(line, ...headers));
  const text = await connection.receives(/^HTTP\/1\.1 \d{3} /);
  expect(text).toContain(`HTTP/1.1 ${status} `);
  connection.close();
});

test('a WebSocket for a whole address is one of ours', async () => {
  const text = await rawResponse(gateway.port, 'GET http://localhost/ws', ...WEBSOCKET);
  // There is no realtime service in this test.
  expect(text).toContain('HTTP/1.1 503 ');
});
