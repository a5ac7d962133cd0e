import type { IncomingMessage } from 'node:http';
import { addressOf, readNetworks } from './address.ts';

const trusted = readNetworks(['10.0.0.0/8', 'fd00::/8']);
const from = (forwarded: string, remoteAddress = '10.0.0.1') =>
  addressOf(
    { socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage,
    trusted,
  );

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:50443', '192.0.2.1'],
  ['2001:db8::1', '2001:db8::1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:50443', '2001:db8::1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['[::ffff:192.0.2.1]:1', '192.0.2.1'],
  ['192.0.2.9, 192.0.2.1:1, 10.0.0.2:443', '192.0.2.1'],
  ['192.0.2.1, [fd00::1]:443', '192.0.2.1'],
])('the client of the hops %j is %s', (forwarded, address) => {
  expect(from(forwarded)).toBe(address);
});

test.each(['', 'unknown', '_hidden', '192.0.2.1:x', '[192.0.2.1', '192.0.2.1:1:1', '192.0.2.999:1'])(
  'hops of which none is an address leave the proxy\u2019s own: %j',
  (forwarded) => {
    expect(from(forwarded)).toBe('10.0.0.1');
  },
);

test('hops are not read from a client that is no trusted proxy', () => {
  expect(from('192.0.2.1:1', '198.51.100.1')).toBe('198.51.100.1');
});
