import type { ServiceBroker } from 'moleculer';
import type { Action, ParamsOf, ResultOf } from '../../shared/contracts/contract.ts';
import { seal, type Caller, type Envelope, type ServiceKeys } from './envelope.ts';
import type { Clock } from '../process/clock.ts';
import { AppError, toAppError, UnansweredError } from './errors.ts';
import { retryBudget } from './retry-budget.ts';

/** Where a call comes from and how it is signed. */
export type Origin = { broker: ServiceBroker; keys: ServiceKeys; clock: Clock; service: string };

export type CallOptions = Partial<Pick<Envelope, 'idempotencyKey' | 'address' | 'userAgent'>> & {
  caller: Caller | null;
  requestId: string;
  /** An earlier deadline than the action's own time limit allows. */
  deadlineAtMs?: number;
};

/** Moleculer leaves the call's context on the promise; what the action put into its meta is found there. */
type CallPromise = Promise<unknown> & { ctx?: { meta: { replayed?: boolean } } };

export type Answer<R> = { result: R; replayed: boolean };

/** How long a call waits for a service of which no process is to be seen. */
const NOBODY_LIMIT_MS = 2_500;
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 200;

const budget = retryBudget();

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** 10 ms, then twice as much each time up to 200 ms, half of it left to chance. */
const pauseMs = (tries: number): number =>
  Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2);

/** Whether to try again: what may have been executed only if the contract says that it can be repeated. */
const mayRetry = (error: AppError, action: Action, waitedMs: number, lost: boolean): boolean => {
  if (!(error instanceof UnansweredError)) return lost && error.code === 'idempotency_in_progress';
  if (error.why === 'nobody') return waitedMs < NOBODY_LIMIT_MS;
  if (error.why === 'refused') return budget.take();
  return error.why === 'lost' && action.idempotent !== 'no' && budget.take();
};

/** Passed on by a handler, an `unavailable` is that handler's answer and nobody's reason to try again. */
const final = (error: AppError): AppError =>
  error instanceof UnansweredError ? new AppError(error.code, error.data, { cause: error }) : error;

/**
 * Calls an action of a service by its contract. Where other processes can answer, a call that nobody has
 * answered is tried again within its deadline: always if it was certainly not executed, else if its contract
 * says that it can be repeated. What a handler answers is final.
 * @returns the action's result, and whether it repeats the answer to an earlier request with the same key
 * @throws AppError with the action's code, `timeout` past the contract's time limit, `unavailable` when no
 *   service answers
 */
export const send = async <A extends Action>(
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
      const pause = pauseMs(tries);
      const inTime = nowMs + pause < deadlineAtMs;
      if (!broker.transit || !inTime || !mayRetry(error, action, nowMs - startedMs, lost)) throw final(error);
      await sleep(pause);
    }
  }
};
