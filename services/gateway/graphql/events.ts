import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** More often than proxies end quiet connections; nginx waits 60 s here (nginx/locations.conf). */
export const QUIET_MS = 5_000;

/** Sends what a subscription answers to one client. */
export type Send = {
  next(body: unknown, seq: number | null): Promise<void>;
  complete(): void;
};

/**
 * Server-sent events, one connection for each subscription ("distinct connections mode" of
 * github.com/enisdenjo/graphql-sse, PROTOCOL.md). The number of an event is its id, which a browser sends
 * back as Last-Event-ID. A comment keeps a quiet connection open.
 */
export const serverSentEvents = (response: ServerResponse): Send => {
  const quiet = setTimeout(() => {
    response.write(':\n\n');
    quiet.refresh();
  }, QUIET_MS).unref();
  response.once('close', () => clearTimeout(quiet));
  return {
    next: async (body, seq) => {
      const id = seq === null ? '' : `id: ${seq}\n`;
      const isTaken = response.write(`event: next\n${id}data: ${JSON.stringify(body)}\n\n`);
      if (!isTaken && !response.closed)
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    },
    complete: () => void response.end('event: complete\ndata:\n\n'),
  };
};
