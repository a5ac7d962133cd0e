import { BlockList, isIP } from 'node:net';
import type { IncomingMessage } from 'node:http';

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

/** Networks such as `10.0.0.0/8` and single addresses; null for an empty list. Throws at any other text. */
export const readNetworks = (texts: readonly string[]): BlockList | null => {
  if (texts.length === 0) return null;
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix, ...rest] = text.split('/');
    if (isIP(address) === 0 || rest.length > 0) throw new Error(`not an address: ${text}`);
    if (prefix === undefined) list.addAddress(address, familyOf(address));
    else list.addSubnet(address, Number(prefix), familyOf(address));
  }
  return list;
};

const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address);

/** An address of X-Forwarded-For, to which some proxies add the client's port: `ip:port`, `[v6]:port`. */
const withoutPort = (hop: string): string => {
  const [, inBrackets, before] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d+)?$/.exec(hop) ?? [];
  return plain(inBrackets ?? before ?? hop);
};

/**
 * The client's address. X-Forwarded-For is read only behind trusted proxies, from its end, up to the first
 * address that is not a trusted proxy: a client can invent everything before that.
 */
export const addressOf = (request: IncomingMessage, trusted: BlockList | null): string => {
  let address = plain(request.socket.remoteAddress ?? '');
  if (trusted === null) return address;
  const forwarded = request.headers['x-forwarded-for'];
  const hops = typeof forwarded === 'string' ? forwarded.split(',') : [];
  while (isIP(address) !== 0 && trusted.check(address, familyOf(address))) {
    const hop = withoutPort(hops.pop()?.trim() ?? '');
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return address;
};

const groupsOf = (half: string): string[] => (half === '' ? [] : half.split(':'));

/** The unit that limits count: the address, or for IPv6 its /64, which one customer holds (RFC 6177). */
export const addressBlock = (address: string): string => {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return `${before.slice(0, 4).join(':')}::/64`;
  const after = groupsOf(tail);
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
};
