import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '../../../broker/process/logger.ts';
import { head, openRaw } from '../../../broker/testing/raw-connection.ts';
import { limitArrival } from './arrival.ts';
import { responder } from './respond.ts';

const respond = responder([], createLogger({ level: 'silent' }));

/** A server that answers at once, or only after the body, and gives bodies 200 ms. */
const startServer = async (atOnce: boolean) => {
  const server = createServer((request, response) => {
    limitArrival(request, response, respond, 200);
    if (atOnce) response.end('early');
    else request.resume().once('end', () => response.end('whole'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, connection: await openRaw((server.address() as AddressInfo).port) };
};

test.each([
  ['is refused with 408', false, /^HTTP\/1\.1 408[^]*Connection: close[^]*"code":"request_timeout"/],
  ['that has its answer is closed', true, /^HTTP\/1\.1 200[^]*early$/],
])('a request whose body does not arrive in time %s', async (_what, atOnce, expected) => {
  const { server, connection } = await startServer(atOnce);
  connection.send(head('POST /', 'Content-Length: 10'), 'half');
  expect(await connection.ended).toMatch(expected);
  connection.close();
  server.close();
});

test('a request whose body arrives keeps its connection', async () => {
  const { server, connection } = await startServer(false);
  for (let sent = 0; sent < 3; sent++) {
    connection.send(head('POST /', 'Content-Length: 4'), 'body');
    await connection.receives(new RegExp(`(whole[^]*){${sent + 1}}`));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  connection.close();
  server.close();
});
