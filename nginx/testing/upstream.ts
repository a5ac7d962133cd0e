import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { trackConnections } from '../../broker/process/connections.ts';
import { securityHeaders } from '../../services/gateway/http/security-headers.ts';

/** What an upstream answers: the request as it arrived. */
export type Seen = {
  port: number;
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  bodyBytes: number;
};

export type Upstream = {
  /** The requests so far. */
  seen: readonly Seen[];
  stop(): void;
};

const sizeOf = async (request: IncomingMessage): Promise<number> => {
  let bytes = 0;
  for await (const chunk of request) bytes += (chunk as Buffer).length;
  return bytes;
};

/** Starts a server in the place of a gateway: with its headers, `/api/wait` and bodies of any size. */
export const startUpstream = async (port: number): Promise<Upstream> => {
  const { api } = securityHeaders('https://localhost');
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void sizeOf(request).then((bodyBytes) => {
      const { method = '', url = '', headers } = request;
      const { pathname, searchParams } = new URL(url, 'http://gateway');
      const one = { port, method, url, headers, bodyBytes };
      seen.push(one);
      const status = Number(searchParams.get('status') ?? 200);
      const send = () => {
        const own = ['Content-Type', 'application/json', 'X-Request-Id', String(headers['x-request-id'])];
        const counted = ['RateLimit', '"address";r=1;t=1'];
        if (status === 304) response.writeHead(status, [...own, ...api]).end();
        else response.writeHead(status, [...own, ...counted, ...api]).end(JSON.stringify(one));
      };
      if (pathname === '/api/drop') request.socket.destroy();
      else setTimeout(send, Number(searchParams.get('wait') ?? 0));
    });
  });
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    socket.on('data', (data) => socket.write(data));
    socket.on('error', () => socket.destroy());
  });
  const connections = trackConnections(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    connections.closeAll();
  };
  return { seen, stop };
};
