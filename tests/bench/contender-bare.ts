// The contender of distributed Payloom: one Node process with node:http and pg, and nothing in between.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Fastify from 'fastify';
import pg from 'pg';
import { BODY_LIMIT_BYTES, createPayment, readSettings, Refused, tokenCheck } from './contender-duties.ts';
import { CREATE_SCHEMA, type CreateBody } from './contender-schemas.ts';

const settings = readSettings();
const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: settings.poolSize });
const callerOf = tokenCheck(settings);

type Validate = (value: unknown) => boolean;
type Serialize = (value: unknown) => string;

/** The schemas as Fastify compiles them; nothing else of Fastify runs. */
const compileSchemas = async (): Promise<{ isValid: Validate; textOf: Serialize }> => {
  const app = Fastify({ ajv: { customOptions: { removeAdditional: false } } });
  app.post('/', { schema: CREATE_SCHEMA }, async () => null);
  await app.ready();
  const route = { method: 'POST', url: '/api/payments' };
  const isValid = app.validatorCompiler?.({ ...route, schema: CREATE_SCHEMA.body, httpPart: 'body' });
  const schema = CREATE_SCHEMA.response[201];
  const textOf = app.serializerCompiler?.({ ...route, schema, httpStatus: '201' });
  if (!isValid || !textOf) throw new Error('Fastify gave no compilers for the schemas');
  return { isValid: isValid as Validate, textOf };
};
const { isValid, textOf } = await compileSchemas();

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > BODY_LIMIT_BYTES) throw new Refused(413, 'payload_too_large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refused(400, 'invalid_params');
  }
};

const answer = (response: ServerResponse, status: number, text: string): void => {
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
};

const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  if (request.method !== 'POST' || request.url !== '/api/payments') throw new Refused(404, 'not_found');
  const caller = await callerOf(request.headers.authorization);
  const body = await readBody(request);
  if (!isValid(body)) throw new Refused(400, 'invalid_params');
  const payment = await createPayment(pool, caller, request.headers['idempotency-key'], body as CreateBody);
  answer(response, 201, textOf(payment));
};

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    const refused = error instanceof Refused ? error : new Refused(500, 'internal');
    answer(response, refused.statusCode, JSON.stringify({ code: refused.code }));
  });
});
server.listen(settings.port, '127.0.0.1', () => process.stdout.write('ready\n'));
