import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ImageBytes } from '../../../shared/contracts/contract.ts';
import { isNamed } from './entity-tags.ts';
import { BY_CALLER } from './send-revalidated.ts';
import type { Respond } from './respond.ts';
import type { FlatHeaders } from './security-headers.ts';

/** A day: what a user has removed is gone from other users' browsers then. */
const AT_ITS_HASH = 'private, max-age=86400, immutable';
/** Kept, and asked about before each use. */
const AT_ITS_NAME = 'private, no-cache';

/** Sends an image, or 304 to a client that has it. */
export const sendImage = (
  { request, response, requestId }: { request: IncomingMessage; response: ServerResponse; requestId: string },
  respond: Respond,
  image: ImageBytes & { type: string; atHash: string | undefined },
  headers: FlatHeaders,
): void => {
  const { data, hash, type, atHash } = image;
  const etag = `"${hash}"`;
  const caching = atHash === hash ? AT_ITS_HASH : AT_ITS_NAME;
  const all = [...headers, 'ETag', etag, 'Cache-Control', caching, ...BY_CALLER];
  if (isNamed(request.headers['if-none-match'], etag)) respond.empty(response, requestId, 304, all);
  else respond.bytes(response, requestId, 200, type, Buffer.from(data, 'base64'), all);
};
