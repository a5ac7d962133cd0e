import { ServerResponse, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** An HTTP response on a connection that the server has handed over; the connection ends after it. */
export const responseOn = (request: IncomingMessage, socket: Socket): ServerResponse => {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.end());
  return response;
};

/** Whether a request asks for a WebSocket (RFC 6455 4.1). */
export const asksForWebSocket = ({ method, headers: { upgrade = '' } }: IncomingMessage): boolean =>
  method === 'GET' && upgrade.split(',').some((protocol) => protocol.trim().toLowerCase() === 'websocket');

/**
 * Serves a request as if it had not asked for an upgrade (RFC 9110 7.8: a server may ignore it), such as that
 * to HTTP/2 which curl and Java send by default. A server with an `upgrade` listener hands over every such
 * connection (before `shouldUpgradeCallback` in Node 24.9), with the body unread: here the connection gets
 * the request's head again without its Upgrade header, and is given back to the server.
 */
export const ignoreUpgrade = (
  server: Server,
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void => {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${value}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  // eslint-disable-next-line no-restricted-syntax -- the emit of an HTTP server; the rule bans Moleculer's
  server.emit('connection', socket);
};
