import { createHash, timingSafeEqual } from 'node:crypto';
import type { Problem } from '../domain/problem.ts';
import type { Sandbox } from '../processor-sandbox.ts';
import { addFault, clearFaults, listFaults } from './faults.ts';
import { list, retrieveIntent } from './reads.ts';
import { refused, type Reply, type Request } from './reply.ts';
import { runWrite } from './run-write.ts';
import {
  cancelIntent,
  captureIntent,
  confirmIntent,
  createIntent,
  createRefund,
  type Write,
} from './writes.ts';

type Handler = (sandbox: Sandbox, request: Request, id: string) => Promise<Reply | null>;

const writes =
  (write: Write): Handler =>
  (sandbox, request, id) =>
    runWrite(sandbox, request, write, id);

/** `:id` stands for one path segment. */
const ROUTES: readonly (readonly [line: string, handler: Handler])[] = [
  ['POST /v1/payment_intents', writes(createIntent)],
  ['GET /v1/payment_intents', list('payment_intents')],
  ['GET /v1/payment_intents/:id', retrieveIntent],
  ['POST /v1/payment_intents/:id/confirm', writes(confirmIntent)],
  ['POST /v1/payment_intents/:id/capture', writes(captureIntent)],
  ['POST /v1/payment_intents/:id/cancel', writes(cancelIntent)],
  ['POST /v1/refunds', writes(createRefund)],
  ['GET /v1/refunds', list('refunds')],
  ['GET /v1/charges', list('charges')],
  ['GET /v1/events', list('events')],
  ['GET /sandbox/faults', listFaults],
  ['POST /sandbox/faults', addFault],
  ['DELETE /sandbox/faults', clearFaults],
];

const TABLE = ROUTES.map(([line, handler]) => ({
  pattern: new RegExp(`^${line.replace(':id', '(\\w{1,80})')}$`),
  handler,
}));

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const unauthorized = (message: string): Problem => ({ status: 401, type: 'invalid_request_error', message });

/** The key from `Bearer` or the user name of `Basic`; Stripe accepts both. */
const keyOf = (authorization = ''): string | null => {
  const [, scheme = '', value = ''] = /^(\w+) +(\S+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return null;
  return Buffer.from(value, 'base64').toString('utf8').split(':')[0] || null;
};

const stranger = (sandbox: Sandbox, request: Request): Problem | null => {
  const key = keyOf(request.headers['authorization']);
  if (key === null) return unauthorized('You did not provide an API key.');
  if (!timingSafeEqual(digest(key), digest(sandbox.config.secretKey))) {
    return unauthorized('Invalid API Key provided.');
  }
  if (request.path.startsWith('/sandbox/') && !LOOPBACK.test(request.address)) {
    return {
      status: 403,
      type: 'invalid_request_error',
      message: 'Faults are taken from this machine only.',
    };
  }
  return null;
};

/** Answers one request; null when a fault suppresses the answer. */
export const answer = async (sandbox: Sandbox, request: Request): Promise<Reply | null> => {
  const problem = stranger(sandbox, request);
  if (problem) return refused(problem);
  const line = `${request.method} ${request.path}`;
  for (const { pattern, handler } of TABLE) {
    const match = pattern.exec(line);
    if (match) return handler(sandbox, request, match[1] ?? '');
  }
  return refused({
    status: 404,
    type: 'invalid_request_error',
    message: `Unrecognized request URL (${request.method}: ${request.path.slice(0, 200)}).`,
  });
};
