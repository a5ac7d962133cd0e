import { meet } from '../domain/faults.ts';
import { decide, isProblem } from '../domain/payment-intent.ts';
import { keepChange, surroundings, scheduleDelivery, type Scope } from '../http/scope.ts';
import { lockSettling } from '../persistence/intents.ts';
import type { Sandbox } from '../processor-sandbox.ts';

/** Answers for the bank of one slow card that is due. Returns true if more may be due. */
export const settleOne = (sandbox: Sandbox): Promise<boolean> =>
  sandbox.db.transaction(async (tx) => {
    const now = sandbox.clock.now();
    const intent = await lockSettling(tx, now);
    if (!intent) return false;
    const { amount, metadata } = intent;
    const fault = meet(sandbox.faults, { operation: 'settle', amount, metadata });
    const scope: Scope = { sandbox, tx, now, requestId: null, idempotencyKey: null, fault };
    const change = decide(intent, { kind: 'settle' }, surroundings(scope));
    if (isProblem(change)) throw new Error(change.message);
    await scheduleDelivery(scope, await keepChange(scope, change, 'known'));
    return true;
  });
