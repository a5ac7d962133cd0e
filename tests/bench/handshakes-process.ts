// Sends socket handshakes that are refused, at a steady rate; prints its counts on SIGTERM.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { SOCKET_PATH } from '../../shared/contracts/realtime.ts';
import { accessCookie } from '../system/cookies.ts';
import type { Handshakes } from './handshakes.ts';

const { ports, origin, ratePerS } = JSON.parse(process.argv[2] ?? '{}') as Handshakes;

const FORGED = `${['{"alg":"EdDSA","typ":"at+jwt","kid":"x"}', '{"sub":"usr_x"}', 'x']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.')}`;

/**
 * Each in turn: a foreign origin, a forged cookie, our origin without a cookie, and a client without origin
 * and ticket.
 */
const KINDS: readonly string[][] = [
  ['Origin: https://elsewhere.example'],
  [`Origin: ${origin}`, `Cookie: ${accessCookie(origin, FORGED)}`],
  [`Origin: ${origin}`],
  [],
];
/** The CONNECT packet: engine.io's 4, socket.io's 0, masked with zeros (RFC 6455 5.3). */
const CONNECT = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]);
/** The start of socket.io's CONNECT_ERROR packet. */
const REFUSED = '44{';

const counts = { refused: 0, lost: 0, accepted: 0 };

const tryOnce = (index: number): void => {
  const kind = KINDS[index % KINDS.length] ?? [];
  const port = ports[Math.floor(index / KINDS.length) % ports.length] ?? 0;
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let text = '';
  const end = (how: keyof typeof counts) => {
    if (socket.destroyed) return;
    counts[how] += 1;
    socket.destroy();
  };
  socket.on('error', () => end('lost'));
  socket.on('close', () => end('lost'));
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (/^HTTP\/1.1 4\d\d/.test(text) || text.includes(REFUSED)) return end('refused');
    if (text.includes('40{')) return end('accepted');
    if (text.includes('"sid"')) socket.write(CONNECT);
  });
  const head = [
    `GET ${SOCKET_PATH}/?EIO=4&transport=websocket HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...kind,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
};

const startMs = performance.now();
let sent = 0;
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - startMs) * ratePerS) / 1_000);
  while (sent < due) tryOnce(sent++);
}, 10);
process.on('SIGTERM', () => {
  clearInterval(timer);
  const seconds = (performance.now() - startMs) / 1_000;
  process.stdout.write(JSON.stringify({ ...counts, sent, seconds }), () => process.exit());
});
