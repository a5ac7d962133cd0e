// Sockets whose clients do not read: what a gateway ends, or cannot go on with, nginx ends soon.
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { eventually } from '../broker/testing/eventually.ts';
import { startEdge, type Edge } from './testing/start-edge.ts';

/** More than all buffers of the kernel between a gateway and its client hold. */
const FLOOD_BYTES = 64 * 1024 * 1024;
/** A client that takes no byte is kept for this time (`send_timeout`), and some for a busy machine. */
const SILENT_LIMIT_MS = 9_000;
/** The first byte of a client for a connection that has ended shows it to nginx, the next one ends it. */
const PONGS_LIMIT_MS = 5_000;
const PONG_EVERY_MS = 500;

let edge: Edge;
let gateway: Server;
/** The gateway's end of the newest socket, and when it was closed. */
let atGateway: { socket: Duplex; closed: Promise<void> };

beforeAll(async () => {
  gateway = createServer((_request, response) => void response.end());
  gateway.on('upgrade', (_request, socket: Duplex) => {
    socket.on('error', () => undefined);
    socket.resume();
    atGateway = { socket, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  });
  await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
  edge = await startEdge([(gateway.address() as AddressInfo).port]);
});
afterAll(async () => {
  await edge.stop();
  await new Promise((resolve) => gateway.close(resolve));
});

/** Opens a socket through nginx and stops reading. */
const openUnread = async (): Promise<TLSSocket> => {
  const client = connect({ ...edge.tls, host: '127.0.0.1', port: edge.port } as object);
  client.on('error', () => undefined);
  const head = [
    'GET /ws/ HTTP/1.1',
    `Host: localhost:${edge.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
  ];
  client.write(`${head.join('\r\n')}\r\n\r\n`);
  await new Promise((resolve) => client.once('data', resolve));
  client.pause();
  return client;
};

/** The bytes that each client of nginx has not taken, for each open connection. */
const unsentAtNginx = (): number[] => {
  const port = edge.port.toString(16).toUpperCase().padStart(4, '0');
  const open = new RegExp(`^ *\\d+: 0100007F:${port} \\S+ 01 ([0-9A-F]+):`, 'gm');
  return [...readFileSync('/proc/net/tcp', 'utf8').matchAll(open)].map(([, hex = '']) =>
    Number.parseInt(hex, 16),
  );
};
const untilEnded = (limitMs: number) => eventually(() => expect(unsentAtNginx()).toEqual([]), limitMs);

test('a client that takes no byte of a flood is disconnected, and the gateway sees it', async () => {
  const client = await openUnread();
  atGateway.socket.write(Buffer.alloc(FLOOD_BYTES));
  await untilEnded(SILENT_LIMIT_MS);
  await atGateway.closed;
  client.destroy();
}, 20_000);

test('a client that sends without reading is disconnected soon after the gateway has ended it', async () => {
  const client = await openUnread();
  const pongs = setInterval(() => client.write('pong'), PONG_EVERY_MS);
  atGateway.socket.write(Buffer.alloc(FLOOD_BYTES));
  await eventually(() => expect(unsentAtNginx()[0]).toBeGreaterThan(1024 * 1024));
  atGateway.socket.destroy();
  await untilEnded(PONGS_LIMIT_MS);
  clearInterval(pongs);
  client.destroy();
}, 30_000);
