import { io, type Socket } from 'socket.io-client';
import { AppError } from '../../../broker/calls/errors.ts';
import { isErrorCode, type ErrorCode } from '../../../shared/contracts/errors.ts';
import {
  realtime,
  SOCKET_CALL,
  SOCKET_CALLER_HEADER,
  SOCKET_PATH,
  type CloseReason,
  type SocketAccess,
  type SocketClose,
  type SocketMessage,
  type Welcome,
} from '../../../shared/contracts/realtime.ts';
import { accessRulesOf } from '../authentication/access-rules.ts';
import type { GatewayService } from '../gateway.ts';
import { pipelineOf, type Admitted, type PipelineParts } from '../http/pipeline.ts';
import { connectableInstance } from '../sockets/connect-instance.ts';
import { replicasOf } from '../sockets/replicas.ts';
import type { GraphqlContext } from './context.ts';
import { eventQueue } from './event-queue.ts';

const ASSERTION_LIFETIME_MS = 10_000;
const WELCOME_LIMIT_MS = 4_000;
/** As many as the realtime service keeps for a socket whose client reads slowly. */
const WAITING_MAX = 500;

/** The first event of a stream, and each message after it. */
export type StreamEvent = {
  seq: number;
  /** Whether messages were missed that are no longer stored. */
  reread: boolean;
  message: SocketMessage | null;
};

const CODES: Readonly<Record<CloseReason, ErrorCode>> = {
  expired: 'token_expired',
  revoked: 'session_ended',
  access_changed: 'token_expired',
  replaced: 'too_many_connections',
  restart: 'unavailable',
};

/** What the realtime service refuses a socket with. */
const refusalOf = (error: Error & { data?: { code?: unknown } }): AppError => {
  const { code, ...data } = error.data ?? {};
  return isErrorCode(code) ? new AppError(code, data) : new AppError('unavailable', {}, { cause: error });
};

export type Streams = {
  /** Opens the stream of the caller's messages after the number `after`, or from now on. */
  open(context: GraphqlContext, after: unknown): Promise<AsyncGenerator<StreamEvent, void, void>>;
  close(): void;
};

/**
 * Streams of messages, each over a socket of its own to the realtime service, as a client's. That service
 * ends it with the session, and knows where it continues.
 */
export const streamsOf = (service: GatewayService, parts: PipelineParts): Streams => {
  const replicas = replicasOf(() => service.instancesOf(realtime.service), service.clock);
  // A stream takes the place of a ticket and the socket that it opens.
  const pipeline = pipelineOf(accessRulesOf(realtime.actions.issueTicket, true), parts);
  const ends = new Set<(error: Error) => void>();

  const assertionOf = async ({ credentials, options }: Admitted): Promise<string> => {
    const token = credentials.bearer ?? credentials.access ?? '';
    const { expiresAtMs, version, keyId } = await parts.tokens.accessOf(token);
    const access: SocketAccess = { expiresAtMs, version, keyId };
    return service.signAssertion(SOCKET_CALL, { ...options, timeoutMs: ASSERTION_LIFETIME_MS }, access);
  };

  const connect = async (assertion: string, after: unknown): Promise<Socket> =>
    io(await connectableInstance(replicas), {
      path: SOCKET_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      timeout: WELCOME_LIMIT_MS,
      extraHeaders: { [SOCKET_CALLER_HEADER]: assertion },
      auth: after === undefined || after === null ? {} : { after },
    });

  return {
    open: async (context, after) => {
      const { request, requestId, usage, signal } = context;
      const admitted = await pipeline.admit({ request, requestId, query: '', usage });
      const socket = await connect(await assertionOf(admitted), after);
      const queue = eventQueue<StreamEvent>(WAITING_MAX, () => new AppError('unavailable'));
      const welcomed = Promise.withResolvers<void>();
      const end = (error?: Error): void => {
        ends.delete(end);
        queue.end(error);
        welcomed.reject(error ?? new AppError('unavailable'));
        socket.disconnect();
      };
      ends.add(end);
      const limit = setTimeout(() => end(new AppError('unavailable')), WELCOME_LIMIT_MS);
      socket.once('welcome', ({ seq, reread }: Welcome) => {
        const from = typeof after === 'number' && !reread ? after : seq;
        queue.push({ seq: from, reread, message: null });
        welcomed.resolve();
      });
      socket.on('message', (message: SocketMessage) =>
        queue.push({ seq: message.seq, reread: false, message }),
      );
      socket.once('close', ({ reason }: SocketClose) => end(new AppError(CODES[reason])));
      socket.once('connect_error', (error) => end(refusalOf(error)));
      socket.once('disconnect', () => end(new AppError('unavailable')));
      signal.addEventListener('abort', () => end(), { once: true });
      await welcomed.promise.finally(() => clearTimeout(limit));
      return queue.events();
    },
    close: () => {
      for (const end of ends) end(new AppError('unavailable'));
    },
  };
};
