import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Server } from 'socket.io';
import { tagOf } from '../../../broker/calls/instances.ts';
import type { AnyServiceDefinition, Service } from '../../../broker/process/service.ts';
import { fakeService } from '../../../broker/testing/fake-service.ts';
import { contract } from '../../../shared/contracts/contract.ts';
import {
  realtime,
  SOCKET_CALL,
  SOCKET_CALLER_HEADER,
  SOCKET_PATH,
} from '../../../shared/contracts/realtime.ts';

export type FakeRealtime = {
  definition: AnyServiceDefinition;
  /** The headers and the assertion of the newest handshake. */
  last(): { headers: IncomingMessage['headers']; assertion: ReturnType<Service['openAssertion']> } | null;
  /** The greatest number of handshakes that were in progress at the same time. */
  mostAtOnce(): number;
  /** Takes no connections until the returned function is called. */
  pause(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
};

const HANDSHAKE_MS = 100;

/**
 * A realtime service with real sockets that opens the gateway's assertion. A handshake takes `handshakeMs`.
 */
export const fakeRealtime = async ({ handshakeMs = HANDSHAKE_MS } = {}): Promise<FakeRealtime> => {
  const http = createServer();
  // socket.io does not close the connection of a handshake that has had no response.
  const connections = new Set<Socket>();
  http.on('connection', (connection: Socket) => connections.add(connection));
  let inProgress = 0;
  let mostAtOnce = 0;
  const io = new Server(http, {
    path: SOCKET_PATH,
    serveClient: false,
    allowRequest: (_request, answer) => {
      mostAtOnce = Math.max(mostAtOnce, ++inProgress);
      setTimeout(() => {
        inProgress -= 1;
        answer(null, true);
      }, handshakeMs).unref();
    },
  });
  const listen = (port: number) => new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = http.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  let last: ReturnType<FakeRealtime['last']> = null;
  let service: Service | null = null;
  io.use(({ request: { headers } }, next) => {
    const text = String(headers[SOCKET_CALLER_HEADER]);
    last = { headers, assertion: (service as Service).openAssertion(SOCKET_CALL, text) };
    next();
  });
  io.on('connection', (socket) => {
    socket.send('hello');
  });
  const definition: AnyServiceDefinition = {
    ...fakeService(contract(realtime.service, { actions: {}, events: {} })),
    moleculer: (opened: Service) => {
      service = opened;
      return {
        metadata: { address },
        created(this: { broker: { nodeID: string } }) {
          let made = 0;
          const tag = tagOf(this.broker.nodeID);
          io.engine.generateId = () => `${tag}.${++made}`;
        },
      };
    },
  };
  return {
    definition,
    last: () => last,
    mostAtOnce: () => mostAtOnce,
    pause: async () => {
      await new Promise((resolve) => http.close(resolve));
      return () => listen(port);
    },
    stop: async () => {
      for (const connection of connections) connection.destroy();
      await io.close();
    },
  };
};
