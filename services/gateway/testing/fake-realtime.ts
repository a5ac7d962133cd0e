import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Server } from 'socket.io';
import * as z from 'zod/mini';
import { tagOf } from '../../../broker/calls/instances.ts';
import { defineService, type AnyServiceDefinition, type Service } from '../../../broker/process/service.ts';
import { contract } from '../../../shared/contracts/contract.ts';
import {
  realtime,
  SOCKET_CALL,
  SOCKET_CALLER_HEADER,
  SOCKET_PATH,
} from '../../../shared/contracts/realtime.ts';

export type FakeRealtime = {
  definition: AnyServiceDefinition;
  /** The newest handshake: what the service could read of it. */
  last(): { headers: IncomingMessage['headers']; openAssertion: ReturnType<Service['openAssertion']> } | null;
  /** How many handshakes were under way at the same time, at most. */
  mostAtOnce(): number;
  /** Takes no connections until the end of what it gives back. */
  pause(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
};

const HANDSHAKE_MS = 100;

/**
 * A service in the place of realtime: real sockets, which tell who the gateway says that they are. It takes
 * its
 * time to let anybody in.
 */
export const fakeRealtime = async ({ handshakeMs = HANDSHAKE_MS } = {}): Promise<FakeRealtime> => {
  const http = createServer();
  // A handshake that is never answered belongs to nobody who would end it.
  const connections = new Set<Socket>();
  http.on('connection', (connection: Socket) => connections.add(connection));
  let underWay = 0;
  let mostAtOnce = 0;
  const io = new Server(http, {
    path: SOCKET_PATH,
    serveClient: false,
    allowRequest: (_request, answer) => {
      mostAtOnce = Math.max(mostAtOnce, ++underWay);
      setTimeout(() => {
        underWay -= 1;
        answer(null, true);
      }, handshakeMs).unref();
    },
  });
  const listen = (port: number) => new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = http.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;
  let last: ReturnType<FakeRealtime['last']> = null;
  let opened: Service | null = null;
  io.use(({ request: { headers } }, next) => {
    const assertion = headers[SOCKET_CALLER_HEADER];
    const openAssertion = (opened as Service).openAssertion(SOCKET_CALL, String(assertion));
    last = { headers, openAssertion };
    next();
  });
  io.on('connection', (socket) => {
    socket.send('hello');
  });
  const definition = defineService({
    contract: contract(realtime.service, { actions: {}, events: {} }),
    config: z.object({}),
    actions: {},
    moleculer: (service: Service<unknown, undefined>) => {
      opened = service;
      return {
        metadata: { address },
        created(this: { broker: { nodeID: string } }) {
          let made = 0;
          const tag = tagOf(this.broker.nodeID);
          io.engine.generateId = () => `${tag}.${++made}`;
        },
      };
    },
  });
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
