import type { ServiceBroker } from 'moleculer';
import type { Action, ParamsOf, ResultOf } from '../shared/contracts/contract.ts';
import { seal, type Caller, type Envelope, type RoomKeys } from './caller.ts';
import type { Clock } from './clock.ts';
import { AppError, toAppError } from './errors.ts';

/** Where a call comes from and how it is signed. */
export type Origin = { broker: ServiceBroker; keys: RoomKeys; clock: Clock; room: string };

export type CallOptions = Partial<Pick<Envelope, 'idempotencyKey' | 'address' | 'userAgent'>> & {
  caller: Caller | null;
  requestId: string;
  /** An earlier deadline than the action's own time limit allows. */
  deadlineAtMs?: number;
};

/** Moleculer leaves the call's context on the promise; what the action put into its meta is found there. */
type CallPromise = Promise<unknown> & { ctx?: { meta: { replayed?: boolean } } };

export type Answer<R> = { result: R; replayed: boolean };

/**
 * Calls an action of a room by its contract.
 * @returns the action's result, and whether it repeats the answer to an earlier request with the same key
 * @throws AppError with the action's code, `timeout` past the contract's time limit, `unavailable` when no
 *   room answers
 */
export const send = async <A extends Action>(
  { broker, keys, clock, room }: Origin,
  action: A,
  params: ParamsOf<A>,
  options: CallOptions,
): Promise<Answer<ResultOf<A>>> => {
  const nowMs = clock.nowMs();
  const deadlineAtMs = Math.min(nowMs + action.timeoutMs, options.deadlineAtMs ?? Number.MAX_SAFE_INTEGER);
  if (deadlineAtMs <= nowMs) throw new AppError('timeout');
  const envelope: Envelope = {
    to: action.name,
    from: room,
    caller: options.caller,
    requestId: options.requestId,
    deadlineAtMs,
    idempotencyKey: options.idempotencyKey ?? null,
    address: options.address ?? null,
    userAgent: options.userAgent ?? null,
  };
  const meta: { call: unknown; replayed?: boolean } = { call: seal(envelope, keys) };
  const answer: CallPromise = broker.call(action.name, params as object, {
    meta,
    timeout: deadlineAtMs - nowMs,
  });
  try {
    const result = (await answer) as ResultOf<A>;
    return { result, replayed: answer.ctx?.meta.replayed === true };
  } catch (error) {
    throw toAppError(error);
  }
};
