import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createPace } from '../../shared/client/pace.ts';
import type { Loss } from '../../shared/client/socket.ts';
import { realtime, type SocketMessage } from '../../shared/contracts/realtime.ts';
import type { Person } from '../system/accounts.ts';
import { oneOf } from '../system/client.ts';
import { readEvents } from '../system/server-sent-events.ts';
import type { SocketClient } from './socket-client.ts';

/** Server-sent events, or the protocol graphql-transport-ws. */
export type StreamTransport = 'events' | 'websocket';

/** A GraphQL subscription to changes of payments that is opened again, and continues after its last event. */
export type StreamClient = Pick<
  SocketClient,
  'person' | 'from' | 'gaps' | 'lostMs' | 'problems' | 'close'
> & {
  transport: StreamTransport;
  /** The only kind of message that it receives. */
  only: string;
  messages: Pick<SocketMessage, 'seq' | 'name' | 'payload'>[];
  /** The codes with which the server ended it. */
  ends: { code: string; atMs: number }[];
};

type StreamOptions = {
  /** The index of its first gateway. */
  first: number;
  transport: StreamTransport;
  /** Is not opened again. */
  once?: boolean;
};

type Event = { seq: number; reread: boolean; change: object | null };
type Answer = { data?: { realtimePaymentChanged: Event }; errors?: { extensions: { code: string } }[] };

const MESSAGE = realtime.messages.paymentChanged;
const QUERY = `subscription ($after: SafeInteger) {
  realtimePaymentChanged(after: $after) {
    seq reread change { ${Object.keys(MESSAGE.payload.shape).join(' ')} }
  }
}`;

type Opening = { url: string; token: string; after: number | null; signal: AbortSignal };

/** A refusal before the stream begins, with its code. */
class RefusedError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** As a browser's EventSource continues: with Last-Event-ID. */
async function* overEvents({ url, token, after, signal }: Opening): AsyncGenerator<Answer, void, void> {
  const response = await fetch(`${url}/api/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      'content-type': 'application/json',
      ...(after !== null && { 'last-event-id': String(after) }),
    },
    body: JSON.stringify({ query: QUERY }),
    signal,
  });
  if (!response.ok) {
    const { code } = (await response.json().catch(() => ({}))) as { code?: string };
    throw new RefusedError(code ?? String(response.status));
  }
  const { next } = readEvents(response);
  for (;;) {
    const { type, data } = await next();
    if (type === 'complete') return;
    yield JSON.parse(data) as Answer;
  }
}

async function* overWebSocket({ url, token, after, signal }: Opening): AsyncGenerator<Answer, void, void> {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/api/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  signal.addEventListener('abort', () => client.terminate());
  try {
    yield* client.iterate({ query: QUERY, variables: { after } }) as AsyncGenerator<Answer, void, void>;
  } finally {
    await client.dispose();
  }
}

const OVER = { events: overEvents, websocket: overWebSocket };

/** Takes an answer. @returns how the stream was lost, or null */
const take = (client: StreamClient, { data, errors }: Answer, tries: string[]): Loss | null => {
  const [error] = errors ?? [];
  const atMs = Date.now();
  if (error || !data) {
    const code = error?.extensions.code ?? 'an answer without data';
    client.ends.push({ code, atMs });
    tries.push(code);
    if (code !== 'unavailable') client.problems.push(`ended: ${code}`);
    return { code };
  }
  const { seq, reread, change } = data.realtimePaymentChanged;
  if (change !== null) {
    client.messages.push({ seq, name: MESSAGE.name, payload: change });
    return null;
  }
  const expected = client.messages.at(-1)?.seq ?? client.from;
  if (reread) client.problems.push('had to read everything again');
  else if (expected !== null && seq !== expected)
    client.problems.push(`continued after ${seq} instead of ${expected}`);
  client.from ??= seq;
  if (client.lostMs !== null) client.gaps.push({ ms: atMs - client.lostMs, tries: tries.splice(0) });
  client.lostMs = null;
  return null;
};

/** Opens a subscription of a person and keeps it open: after each loss at the next gateway. */
export const connectStream = (
  urls: readonly string[],
  person: Person,
  { first, transport, once = false }: StreamOptions,
): StreamClient => {
  const closing = new AbortController();
  const { signal } = closing;
  const pace = createPace({ nowMs: Date.now, random: Math.random });
  const tries: string[] = [];
  const client: StreamClient = {
    person,
    transport,
    only: MESSAGE.name,
    from: null,
    gaps: [],
    lostMs: Date.now(),
    messages: [],
    ends: [],
    problems: [],
    close: () => closing.abort(),
  };

  /** Reads one connection to its end. */
  const read = async (at: number): Promise<Loss> => {
    const after = client.messages.at(-1)?.seq ?? client.from;
    const startedMs = Date.now();
    let loss: Loss = {};
    try {
      const opening = { url: oneOf(urls, at), token: person.accessToken, after, signal };
      for await (const answer of OVER[transport](opening)) {
        const wasLost = client.lostMs !== null;
        loss = take(client, answer, tries) ?? loss;
        if (wasLost && client.lostMs === null) pace.welcomed();
      }
    } catch (error) {
      const { code, cause } = error as { code?: string | number; cause?: { code?: string } };
      const seconds =
        client.lostMs === null ? '' : ` after ${Math.round((Date.now() - startedMs) / 100) / 10} s`;
      tries.push(`${cause?.code ?? code ?? (error as Error).message}${seconds}`);
      if (!(error instanceof RefusedError)) return loss;
      if (error.code !== 'unavailable') client.problems.push(`refused: ${error.code}`);
      return { code: error.code };
    }
    return loss;
  };
  const run = async (): Promise<void> => {
    for (let at = first; !signal.aborted; at++) {
      const loss = await read(at);
      client.lostMs ??= Date.now();
      if (once || signal.aborted) return;
      await sleep(pace.lost(loss), undefined, { signal });
    }
  };
  run().catch(() => undefined);
  return client;
};
