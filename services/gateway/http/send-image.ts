import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ImageBytes } from '../../../shared/contracts/contract.ts';
import { isNamed } from './entity-tags.ts';
import { cachingFor } from './send-revalidated.ts';
import type { Respond } from './respond.ts';
import type { FlatHeaders } from './security-headers.ts';

/** Sends an image, or 304 to a client that has it; who may keep it, as with other answers. */
export const sendImage = (
  { request, response, requestId }: { request: IncomingMessage; response: ServerResponse; requestId: string },
  respond: Respond,
  image: ImageBytes & { type: string; isBearer: boolean },
  headers: FlatHeaders,
): void => {
  const { data, hash, type, isBearer } = image;
  const etag = `"${hash}"`;
  const all = [...headers, 'ETag', etag, ...cachingFor(isBearer)];
  if (isNamed(request.headers['if-none-match'], etag)) respond.empty(response, requestId, 304, all);
  else respond.bytes(response, requestId, 200, type, Buffer.from(data, 'base64'), all);
};
