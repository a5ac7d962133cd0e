import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceBroker } from 'moleculer';
import type { Action, ParamsOf, ResultOf } from '../../shared/contracts/contract.ts';
import { seal, type Caller, type Envelope, type ServiceKeys } from './envelope.ts';
import { backoffMs, type Backoff } from '../process/backoff.ts';
import type { Clock } from '../process/clock.ts';
import { AppError, toAppError, UnansweredError } from './errors.ts';
import { currentTraceparent } from './request-context.ts';
import { inSpan } from '../telemetry/tracing.ts';
import { retryBudget } from './retry-budget.ts';

/** The calling side: its broker, keys, clock and service. */
export type Origin = { broker: ServiceBroker; keys: ServiceKeys; clock: Clock; service: string };

export type CallOptions = Partial<Pick<Envelope, 'idempotencyKey' | 'address' | 'userAgent'>> & {
  caller: Caller | null;
  requestId: string;
  /** An earlier deadline than the action's own time limit allows. */
  deadlineAtMs?: number;
};

/** Moleculer keeps the call's context on the promise; its meta holds what the action set. */
type CallPromise = Promise<unknown> & { ctx?: { meta: { replayed?: boolean } } };

export type Answer<R> = { result: R; replayed: boolean };

/** How long a call waits for a service without a reachable process. */
const UNREACHABLE_LIMIT_MS = 2_500;
const RETRY: Backoff = { firstMs: 10, maxMs: 200 };

const budget = retryBudget();

/** Whether to retry. A call that may have been executed is repeated only if the contract allows it. */
const mayRetry = (error: AppError, action: Action, waitedMs: number, lost: boolean): boolean => {
  if (!(error instanceof UnansweredError)) return lost && error.code === 'idempotency_in_progress';
  if (error.why === 'unreachable') return waitedMs < UNREACHABLE_LIMIT_MS;
  if (error.why === 'refused') return budget.take();
  return error.why === 'lost' && action.idempotent !== 'no' && budget.take();
};

/** An `unavailable` that a handler passes on is that handler's answer, not a reason to retry. */
const final = (error: AppError): AppError =>
  error instanceof UnansweredError ? new AppError(error.code, error.data, { cause: error }) : error;

const CALLS = { kind: 'client' } as const;

/**
 * Calls an action by its contract, in a span of the running code's trace. On a bus a call without an answer
 * is retried within its deadline: always if it was certainly not executed, otherwise only if the contract
 * allows a repetition. An answer of the handler is final.
 * @returns the action's result, and whether it replays the answer to an earlier request with the same key
 * @throws AppError with the action's code, `timeout` past the contract's time limit, `unavailable` when no
 *   process answers
 */
export const send = <A extends Action>(
  origin: Origin,
  action: A,
  params: ParamsOf<A>,
  options: CallOptions,
): Promise<Answer<ResultOf<A>>> =>
  inSpan(`call ${action.name}`, CALLS, () => sendNow(origin, action, params, options));

const sendNow = async <A extends Action>(
  { broker, keys, clock, service }: Origin,
  action: A,
  params: ParamsOf<A>,
  options: CallOptions,
): Promise<Answer<ResultOf<A>>> => {
  const startedMs = clock.nowMs();
  const limitAtMs = startedMs + action.timeoutMs;
  const deadlineAtMs = Math.min(limitAtMs, options.deadlineAtMs ?? Number.MAX_SAFE_INTEGER);
  const envelope: Envelope = {
    to: action.name,
    from: service,
    caller: options.caller,
    requestId: options.requestId,
    deadlineAtMs,
    idempotencyKey: options.idempotencyKey ?? null,
    address: options.address ?? null,
    userAgent: options.userAgent ?? null,
    traceparent: currentTraceparent(),
  };
  const sealed = seal(envelope, keys, params);
  budget.earn();
  let lost = false;
  for (let tries = 0; ; tries++) {
    const timeout = deadlineAtMs - clock.nowMs();
    if (timeout <= 0) throw new AppError('timeout');
    const meta: { call: unknown; replayed?: boolean } = { call: sealed };
    const answer: CallPromise = broker.call(action.name, params as object, { meta, timeout });
    try {
      const result = (await answer) as ResultOf<A>;
      return { result, replayed: answer.ctx?.meta.replayed === true };
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error instanceof UnansweredError) lost ||= error.why === 'lost';
      const nowMs = clock.nowMs();
      const delayMs = backoffMs(RETRY, tries);
      const inTime = nowMs + delayMs < deadlineAtMs;
      if (!broker.transit || !inTime || !mayRetry(error, action, nowMs - startedMs, lost)) throw final(error);
      await sleep(delayMs);
    }
  }
};
