import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { meet, type Fault } from '../domain/faults.ts';
import { invalidRequest, serverError, type Problem } from '../domain/problem.ts';
import { lockKey, readSaved, save, type Saved } from '../persistence/idempotency.ts';
import type { Sandbox } from '../processor-sandbox.ts';
import { canonicalForm, readForm } from './form.ts';
import { readParams } from './params.ts';
import { refused, type Reply, type Request } from './reply.ts';
import { scheduleDelivery, type Scope } from './scope.ts';
import type { Write } from './writes.ts';

const KEY_MAX_LENGTH = 255;

const inUse: Problem = {
  status: 409,
  type: 'idempotency_error',
  code: 'idempotency_key_in_use',
  message: 'There is currently another in-progress request using this Idempotency-Key.',
};

const otherParameters = (key: string): Problem => ({
  status: 400,
  type: 'idempotency_error',
  message:
    'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
    `Try using a key other than '${key}' if you meant to execute a different request.`,
});

const fingerprintOf = ({ method, path, body }: Request): string =>
  createHash('sha256')
    .update(`${method} ${path}\n${canonicalForm(body)}`)
    .digest('hex');

const replay = (saved: Saved, key: string, fingerprint: string): Reply =>
  saved.fingerprint === fingerprint
    ? {
        status: saved.status,
        body: saved.body,
        headers: { 'Idempotent-Replayed': 'true', 'Original-Request': saved.requestId },
      }
    : refused(otherParameters(key));

const refusalOf = ({ status, code }: NonNullable<Fault['refuse']>): Problem => ({
  status,
  type: status === 402 ? 'card_error' : 'invalid_request_error',
  code,
  message: `Refused on demand: ${code}.`,
});

type Done = { reply: Reply; eventIds: string[] };

/** One transaction: the change, its events, and the answer stored under the key. */
const inTransaction = (
  sandbox: Sandbox,
  request: Request,
  { key, fault, run }: { key: string | null; fault: Fault; run: (scope: Scope) => ReturnType<Write['run']> },
): Promise<Done> =>
  sandbox.db.transaction(async (tx) => {
    const fingerprint = key === null ? '' : fingerprintOf(request);
    if (key !== null) {
      if (!(await lockKey(tx, key))) return { reply: refused(inUse), eventIds: [] };
      const saved = await readSaved(tx, key);
      if (saved) return { reply: replay(saved, key, fingerprint), eventIds: [] };
    }
    const now = sandbox.clock.now();
    const scope: Scope = { sandbox, tx, now, requestId: request.id, idempotencyKey: key, fault };
    let reply = refused(serverError);
    let eventIds: string[] = [];
    if (fault.refuse) {
      reply = refused(refusalOf(fault.refuse));
    } else if (fault.failBefore !== '500') {
      const outcome = await run(scope);
      eventIds = await scheduleDelivery(scope, outcome.scheduled);
      if (fault.failAfterCharging !== '500') reply = outcome.reply;
    }
    if (key !== null) {
      await save(
        tx,
        key,
        { fingerprint, requestId: request.id, status: reply.status, body: reply.body },
        now,
      );
    }
    return { reply, eventIds };
  });

/** Runs a write. Null: it is done and stored, but a fault suppresses the answer. */
export const runWrite = async (
  sandbox: Sandbox,
  request: Request,
  { schema, check, subject, run }: Write,
  id: string,
): Promise<Reply | null> => {
  const read = readForm(request.body);
  if (read.problem !== undefined) return refused(invalidRequest(read.problem));
  const { params, problem } = readParams(schema, read.form);
  const refusal = problem ?? check(params);
  if (refusal) return refused(refusal);
  const key = request.headers['idempotency-key'] || null;
  if (key && key.length > KEY_MAX_LENGTH) {
    return refused(invalidRequest(`An Idempotency-Key can have at most ${KEY_MAX_LENGTH} characters.`));
  }
  let fault: Fault = {};
  if (sandbox.faults.length > 0) {
    // Faults do not apply to replays: they applied to the first request.
    const saved = key && (await readSaved(sandbox.db, key));
    if (!saved) fault = meet(sandbox.faults, await subject(sandbox.db, params, id));
  }
  if (fault.slowMs) await sleep(fault.slowMs, undefined, { ref: false });
  const done = await inTransaction(sandbox, request, { key, fault, run: (scope) => run(scope, params, id) });
  if (fault.webhooks === 'before-answer' && done.eventIds.length > 0) await sandbox.deliver(done.eventIds);
  return fault.failAfterCharging === 'timeout' ? null : done.reply;
};
