import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { FieldError } from '../../../shared/contracts/errors.ts';
import { hasBody } from './arrival.ts';
import type { Route } from './routes.ts';

export type Params = Record<string, unknown>;

/** A body that is too large is read up to this size, because a client reads the response after sending. */
const DRAIN_MAX_BYTES = 16 * 1024 * 1024;
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
/** No contract nests deeper than a few levels; serializers that recurse fail at some thousands. */
const DEPTH_MAX = 32;
const NOT_A_FIELD = 'is not a field of this request';

const invalid = (errors: FieldError[]): AppError => new AppError('invalid_params', { errors });

/** Percent-encoded bytes that are no UTF-8 would become other text. */
const refuseOtherBytes = (query: string): void => {
  for (const pair of query.split('&')) {
    for (const [run] of pair.matchAll(/(?:%[0-9a-f]{2})+/gi)) {
      try {
        decodeURIComponent(run);
      } catch {
        const path = pair.split('=', 1)[0] ?? '';
        throw invalid([{ path, message: 'must be percent-encoded UTF-8' }]);
      }
    }
  }
};

/** The params of a query string; each may be given once. */
export const readQuery = (query: string): Params => {
  const params: Params = {};
  if (query === '') return params;
  refuseOtherBytes(query);
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === '__proto__') throw invalid([{ path: name, message: NOT_A_FIELD }]);
    if (Object.hasOwn(params, name)) throw invalid([{ path: name, message: 'must be given once' }]);
    params[name] = value;
  }
  return params;
};

const refuseQuery = (query: string): void => {
  if (query === '') return;
  const names = new Set(new URLSearchParams(query).keys());
  throw invalid([...names].map((path) => ({ path, message: 'must be in the body, not in the query' })));
};

/** Reads and discards the rest of a body; closes the connection when it exceeds the limit. */
export const drain = (request: IncomingMessage): void => {
  let drainedBytes = 0;
  request.removeAllListeners('data');
  request.on('data', (chunk: Buffer) => {
    drainedBytes += chunk.length;
    if (drainedBytes > DRAIN_MAX_BYTES) request.socket.destroy();
  });
  request.resume();
};

/** The body's bytes. @throws AppError `body_too_large`, `bad_request` when the client aborts */
const readBytes = (request: IncomingMessage, maxBytes: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      chunks.push(chunk);
      if (sizeBytes <= maxBytes) return;
      drain(request);
      reject(new AppError('body_too_large'));
    });
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.once('error', () => reject(new AppError('bad_request')));
    // 'close' follows each request; the error, whose stack costs more than reading the body, is made only for
    // an aborted one.
    request.once('close', () => {
      if (!request.complete) reject(new AppError('bad_request'));
    });
  });

/** Refuses what no contract allows and what would fail later: hidden prototypes and deep nesting. */
export const checkJson = (value: unknown, path: string, depth: number): void => {
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEPTH_MAX)
    throw new AppError('malformed_json', { detail: `The body is nested deeper than ${DEPTH_MAX} levels.` });
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = path === '' ? key : `${path}.${key}`;
    if (key === '__proto__') throw invalid([{ path: innerPath, message: NOT_A_FIELD }]);
    checkJson(inner, innerPath, depth + 1);
  }
};

const parseJson = (bytes: Buffer): Params => {
  if (!isUtf8(bytes)) throw new AppError('malformed_json');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AppError('malformed_json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid([{ path: '', message: 'must be a JSON object' }]);
  }
  checkJson(value, '', 1);
  return value as Params;
};

const refuseEncoded = (request: IncomingMessage): void => {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') throw new AppError('unsupported_encoding');
};

type Sized = Pick<Route, 'bodyMaxBytes'>;

/** A body in chunks may turn out to be empty. */
const readBody = async (request: IncomingMessage, { bodyMaxBytes }: Sized): Promise<Buffer | null> => {
  if (!hasBody(request)) return null;
  const bytes = await readBytes(request, bodyMaxBytes);
  if (bytes.length === 0) return null;
  refuseEncoded(request);
  return bytes;
};

/** A body as JSON; none is `{}`. */
export const readJson = async (request: IncomingMessage, route: Sized): Promise<Params> => {
  const bytes = await readBody(request, route);
  if (bytes === null) return {};
  const type = request.headers['content-type'] ?? '';
  if (type !== 'application/json' && !JSON_TYPE.test(type)) throw new AppError('unsupported_media_type');
  return parseJson(bytes);
};

const readSource = async (request: IncomingMessage, route: Route, query: string): Promise<Params> => {
  if (route.source === 'query') return readQuery(query);
  refuseQuery(query);
  if (route.source === 'file') {
    refuseEncoded(request);
    // It is passed on while it arrives.
    return {};
  }
  if (route.source === 'json') return readJson(request, route);
  return { body: (await readBody(request, route))?.toString('utf8') ?? '' };
};

/** Refuses a body by its Content-Length, before other work is done for the request. */
export const refuseOversize = (request: IncomingMessage, { bodyMaxBytes }: Sized): void => {
  if (Number(request.headers['content-length'] ?? 0) <= bodyMaxBytes) return;
  drain(request);
  throw new AppError('body_too_large');
};

/**
 * The params of one request: from the query or the body, as the route says, then from the path and declared
 * headers, whose names a query or body must not use. The contract's schema refuses unknown fields.
 */
export const readParams = async (
  request: IncomingMessage,
  route: Route,
  query: string,
  pathParams: Readonly<Record<string, string>>,
): Promise<Params> => {
  const params = await readSource(request, route, query);
  for (const name of route.pathNames) {
    if (Object.hasOwn(params, name)) throw invalid([{ path: name, message: 'is read from the path' }]);
    params[name] = pathParams[name] ?? '';
  }
  for (const [name, header] of route.headers) {
    const value = request.headers[header];
    if (Object.hasOwn(params, name)) throw invalid([{ path: name, message: `is read from ${header}` }]);
    if (value !== undefined) params[name] = String(value);
  }
  return params;
};
