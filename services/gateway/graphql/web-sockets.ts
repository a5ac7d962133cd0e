import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type ExecutionArgs, type ExecutionResult } from 'graphql';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, makeServer } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import { requestIdOf } from '../http/request-id.ts';
import { BODY, readAsked, type Asked } from './asked.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import type { Prepared } from './documents.ts';
import { QUIET_MS } from './events.ts';
import { Refusal } from './failures.ts';
import type { Operations } from './operations.ts';

/** Operations of one connection that run at the same time. */
const OPERATIONS_MAX = 20;
/** The close code "service restart" of IANA's registry for WebSockets. */
const RESTART = 1012;

type Running = { prepared: Prepared; asked: Asked; context: GraphqlContext; end: () => void };
type Extra = { request: IncomingMessage };
type Results = AsyncGenerator<ExecutionResult, void, void>;
type Count = (request: IncomingMessage) => Promise<void>;

const errorsOf = (error: unknown): readonly GraphQLError[] =>
  error instanceof Refusal ? error.errors : [new GraphQLError('', { originalError: error as Error })];

const runningOf = ({ contextValue }: ExecutionArgs): Running => contextValue as Running;

/** A generator that is returned from while it waits would end with its next event only. */
const endable = (results: Results, end: () => void): Results => ({
  next: () => results.next(),
  return: () => {
    end();
    return results.return();
  },
  throw: (error) => results.throw(error),
  [Symbol.asyncIterator]: () => endable(results, end),
  [Symbol.asyncDispose]: () => results[Symbol.asyncDispose](),
});

/** What operations answer. An error is the last answer: the library would close with its message. */
const answersOf = (operations: Operations) => {
  async function* stream({ prepared, asked, context }: Running): Results {
    try {
      yield* await operations.stream(prepared, asked, context);
    } catch (error) {
      yield { errors: errorsOf(error) };
    }
  }
  return {
    execute: (args: ExecutionArgs): Promise<ExecutionResult> => {
      const { prepared, asked, context } = runningOf(args);
      return operations
        .run(prepared, asked, context)
        .catch((error: unknown) => ({ errors: errorsOf(error) }));
    },
    subscribe: (args: ExecutionArgs): Results => {
      const running = runningOf(args);
      return endable(stream(running), running.end);
    },
  };
};

const serverOf = (operations: Operations, clock: Clock, count: Count) =>
  makeServer<{ authorization?: unknown }, Extra>({
    ...answersOf(operations),
    // A browser sends its cookie; other clients, which have none, send their token here.
    onConnect: ({ connectionParams, extra: { request } }) => {
      const { authorization } = connectionParams ?? {};
      if (typeof authorization === 'string') request.headers.authorization ??= authorization;
    },
    onSubscribe: async ({ subscriptions, extra: { request } }, _id, payload) => {
      try {
        if (Object.keys(subscriptions).length > OPERATIONS_MAX) throw new AppError('too_many_connections');
        await count(request);
        const asked = readAsked(payload);
        const prepared = operations.prepare(asked);
        const ending = new AbortController();
        const asking = {
          request,
          requestId: requestIdOf(request),
          signal: ending.signal,
          after: undefined,
        };
        const context = contextOf(asking, clock.nowMs());
        const running: Running = { prepared, asked, context, end: () => ending.abort() };
        const { document, operation } = prepared;
        const operationName = operation.name?.value ?? null;
        return { schema: operations.schema, document, operationName, contextValue: running };
      } catch (error) {
        return errorsOf(error);
      }
    },
    onNext: ({ extra }, _id, _payload, _args, result) =>
      operations.bodyOf(result as ExecutionResult, requestIdOf(extra.request)),
    onError: ({ extra }, _id, _payload, errors) =>
      operations.bodyOf({ errors: errors as GraphQLError[] }, requestIdOf(extra.request)).errors,
  });

/** The protocol graphql-transport-ws (github.com/enisdenjo/graphql-ws, PROTOCOL.md). */
export const graphqlSockets = (operations: Operations, clock: Clock, count: Count) => {
  const server = serverOf(operations, clock, count);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: BODY.bodyMaxBytes,
    handleProtocols: (offered) =>
      offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });

  const open = (socket: WebSocket, request: IncomingMessage): void => {
    let isAlive = true;
    const quiet = setTimeout(() => {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
      quiet.refresh();
    }, QUIET_MS).unref();
    socket.on('pong', () => (isAlive = true));
    socket.on('error', () => socket.terminate());
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (text) => new Promise((resolve) => socket.send(text, () => resolve())),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) =>
          socket.on('message', (data) => {
            handle(String(data)).catch(() => socket.close(CloseCode.InternalServerError));
          }),
      },
      { request },
    );
    socket.once('close', (code, reason) => {
      clearTimeout(quiet);
      closed(code, String(reason)).catch(() => undefined);
    });
  };

  return {
    upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer): void =>
      sockets.handleUpgrade(request, socket, head, (opened) => open(opened, request)),
    close: (): void => {
      for (const socket of sockets.clients) socket.close(RESTART);
    },
  };
};
