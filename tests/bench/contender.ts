// The contender of embedded Payloom: one Node process with Fastify and pg.
import Fastify, { type FastifyRequest } from 'fastify';
import pg from 'pg';
import { BODY_LIMIT_BYTES, createPayment, readSettings, tokenCheck } from './contender-duties.ts';
import { CREATE_SCHEMA, LIST_SCHEMA, type CreateBody, type ListQuery } from './contender-schemas.ts';
import { listOf, toPayment, type Row } from './contender-sql.ts';

const settings = readSettings();
const pool = new pg.Pool({ connectionString: settings.databaseUrl, max: settings.poolSize });
const app = Fastify({ ajv: { customOptions: { removeAdditional: false } }, bodyLimit: BODY_LIMIT_BYTES });
const checkToken = tokenCheck(settings);
const callerOf = (request: FastifyRequest) => checkToken(request.headers.authorization);

app.post<{ Body: CreateBody }>('/api/payments', { schema: CREATE_SCHEMA }, async (request, reply) => {
  const caller = await callerOf(request);
  const payment = await createPayment(pool, caller, request.headers['idempotency-key'], request.body);
  reply.status(201);
  return payment;
});

app.get<{ Querystring: ListQuery }>('/api/payments', { schema: LIST_SCHEMA }, async (request) => {
  const { userId } = await callerOf(request);
  const { text, values, limit } = listOf(userId, request.query);
  const { rows } = await pool.query<Row>(text, values);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const nextCursor =
    rows.length > limit && last
      ? Buffer.from(JSON.stringify(['', last.id, last.id])).toString('base64url')
      : null;
  return { items: page.map((row) => toPayment(row, userId)), nextCursor };
});

await app.listen({ port: settings.port, host: '127.0.0.1' });
process.stdout.write('ready\n');
