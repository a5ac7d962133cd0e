import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../broker/calls/errors.ts';
import type { FieldError } from '../../../shared/contracts/errors.ts';
import type { Route } from './routes.ts';

export type Params = Record<string, unknown>;

const BODY_MAX_BYTES = 100 * 1024;
/** A body that is too large is still read up to here, so that its sender gets to read the refusal. */
const DRAIN_MAX_BYTES = 16 * 1024 * 1024;
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i;
const NOT_A_FIELD = 'is not a field of this request';

const invalid = (errors: FieldError[]): AppError => new AppError('invalid_params', { errors });

/** A query's params; each may be given once. */
export const readQuery = (query: string): Params => {
  const params: Params = {};
  if (query === '') return params;
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
  throw invalid([...names].map((path) => ({ path, message: 'must stand in the body, not in the address' })));
};

/** Lets the rest of a body pass unread; gives the connection up when it is endless. */
const drain = (request: IncomingMessage): void => {
  let drainedBytes = 0;
  request.removeAllListeners('data');
  request.on('data', (chunk: Buffer) => {
    drainedBytes += chunk.length;
    if (drainedBytes > DRAIN_MAX_BYTES) request.socket.destroy();
  });
  request.resume();
};

/** The body's bytes; throws `body_too_large` over 100 KB and `bad_request` when the sender gives up. */
const readBytes = (request: IncomingMessage): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      chunks.push(chunk);
      if (sizeBytes <= BODY_MAX_BYTES) return;
      drain(request);
      reject(new AppError('body_too_large'));
    });
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.once('error', () => reject(new AppError('bad_request')));
    // Every request closes in the end; an error, whose stack costs more than reading the body, only one that
    // is cut off.
    request.once('close', () => {
      if (!request.complete) reject(new AppError('bad_request'));
    });
  });

const refuseHiddenPrototype = (value: unknown, path: string): void => {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    const innerPath = path === '' ? key : `${path}.${key}`;
    if (key === '__proto__') throw invalid([{ path: innerPath, message: NOT_A_FIELD }]);
    refuseHiddenPrototype(inner, innerPath);
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
  // The key may be spelled with escapes; bodies with neither are by far the most and are not walked.
  if (text.includes('__proto__') || text.includes('\\u')) refuseHiddenPrototype(value, '');
  return value as Params;
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const readJson = async (request: IncomingMessage): Promise<Params> => {
  if (!hasBody(request)) return {};
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  if (
    type === undefined ||
    (type !== 'application/json' && !JSON_TYPE.test(type)) ||
    encoding !== undefined
  ) {
    throw new AppError('unsupported_media_type');
  }
  const bytes = await readBytes(request);
  return bytes.length === 0 ? {} : parseJson(bytes);
};

const readSource = async (request: IncomingMessage, route: Route, query: string): Promise<Params> => {
  if (route.source === 'query') return readQuery(query);
  refuseQuery(query);
  if (route.source === 'json') return readJson(request);
  return { body: hasBody(request) ? (await readBytes(request)).toString('utf8') : '' };
};

/** Refuses a body by its announced size, before anything else is done for the request. */
export const refuseOversize = (request: IncomingMessage): void => {
  if (Number(request.headers['content-length'] ?? 0) <= BODY_MAX_BYTES) return;
  drain(request);
  throw new AppError('body_too_large');
};

/**
 * The params of one request: query or body by the route's kind, then path and declared headers, which nothing
 * in a query or body may name. Unknown fields are the contract's affair.
 */
export const readParams = async (
  request: IncomingMessage,
  route: Route,
  query: string,
  pathParams: Readonly<Record<string, string>>,
): Promise<Params> => {
  const params = await readSource(request, route, query);
  for (const name of route.pathNames) {
    if (Object.hasOwn(params, name))
      throw invalid([{ path: name, message: 'stands in the address already' }]);
    params[name] = pathParams[name];
  }
  for (const [name, header] of route.headers) {
    const value = request.headers[header];
    if (Object.hasOwn(params, name)) throw invalid([{ path: name, message: `is read from ${header}` }]);
    if (value !== undefined) params[name] = String(value);
  }
  return params;
};
