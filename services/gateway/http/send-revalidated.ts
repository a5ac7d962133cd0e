import type { IncomingMessage, ServerResponse } from 'node:http';
import { isNamed, weakTagOf } from './entity-tags.ts';
import { JSON_TYPE, type Respond } from './respond.ts';
import type { FlatHeaders } from './security-headers.ts';

type Asked = { request: IncomingMessage; response: ServerResponse; requestId: string };

/**
 * Says who may keep an answer; it depends on who asks. A client with a bearer token may keep it and has to
 * revalidate it. One with cookies is a browser, which would keep it on its disk, where nothing removes it
 * when the session is revoked while no page is open: for those it stays `no-store`.
 */
export const cachingFor = (isBearer: boolean): FlatHeaders => [
  ...['Vary', 'Authorization, Cookie'],
  ...(isBearer ? ['Cache-Control', 'private, no-cache'] : []),
];

/**
 * Sends an answer with its entity tag, or 304 to a client that has it. Our pages keep answers in memory and
 * send If-None-Match themselves.
 */
export const sendRevalidated = (
  { request, response, requestId }: Asked,
  respond: Respond,
  { body, isBearer }: { body: unknown; isBearer: boolean },
  headers: FlatHeaders,
): void => {
  const text = JSON.stringify(body);
  const etag = weakTagOf(text);
  const all = [...headers, 'ETag', etag, ...cachingFor(isBearer)];
  if (isNamed(request.headers['if-none-match'], etag)) respond.empty(response, requestId, 304, all);
  else respond.bytes(response, requestId, 200, JSON_TYPE, text, all);
};
