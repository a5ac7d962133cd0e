import type { Context, ServiceSchema } from 'moleculer';
import type { $ZodIssue, $ZodType } from 'zod/v4/core';
import type {
  Action,
  Contract,
  ParamsOf,
  ParsedParamsOf,
  ResultOf,
} from '../../shared/contracts/contract.ts';
import { holdsCardNumber } from '../../shared/contracts/card-numbers.ts';
import { isErrorCode, type FieldError } from '../../shared/contracts/errors.ts';
import { safeParse } from 'zod/v4/core';
import type { ActionCache } from '../cache/action-cache.ts';
import { send, type Origin } from './call.ts';
import { compiled } from './compiled-schema.ts';
import { open, type Caller, type Envelope } from './envelope.ts';
import { AppError, isAppError } from './errors.ts';
import type { ReplaceOldId } from './old-ids.ts';
import { parseResult } from './parse-result.ts';
import type { RecordRead } from './record-reads.ts';
import { inRequest, type Request } from './request-context.ts';
import { unstorableFields } from './storable.ts';
import { reportFailure } from '../telemetry/failures.ts';
import { observeAction } from '../telemetry/metrics.ts';
import { parseTraceparent } from '../telemetry/trace-context.ts';
import { inSpan } from '../telemetry/tracing.ts';

/** One call of an action, as its handler receives it. */
export type Call<A extends Action> = Omit<Envelope, 'to' | 'from' | 'deadlineAtMs' | 'traceparent'> & {
  /** Parsed by the contract: defaults filled in, unknown fields refused. */
  params: ParsedParamsOf<A>;
  /** Marks the answer as a replay of an earlier one. */
  replayed(): void;
  /** Calls another service as the same caller, within what is left of the deadline. */
  call<B extends Action>(action: B, params: ParamsOf<B>): Promise<ResultOf<B>>;
};

export type Handler<R, A extends Action> = (service: R, call: Call<A>) => Promise<ResultOf<A>>;
export type Handlers<R, C extends Contract> = { [K in keyof C['actions']]: Handler<R, C['actions'][K]> };

/** The signed-in caller; throws `unauthenticated` where there is none. */
export const callerOf = (call: { caller: Caller | null }): Caller => {
  if (!call.caller) throw new AppError('unauthenticated');
  return call.caller;
};

/** The path of a field, up to a key that holds a card number: no answer or log may show it. */
const pathText = (path: readonly PropertyKey[]): string => {
  const textUpTo = (count: number) => path.slice(0, count).join('.');
  const shown = path.findIndex((_, index) => holdsCardNumber(textUpTo(index + 1)));
  return textUpTo(shown < 0 ? path.length : shown);
};

/** What to say of a schema without a sentence of its own. */
const sentenceOf = (issue: $ZodIssue): string =>
  issue.code === 'invalid_value' ? `must be one of ${issue.values.join(', ')}` : 'is missing or not valid';

/** Schema issues as field errors; of a union, those of the branch that matches best. */
export const fieldErrorsOf = (issues: readonly $ZodIssue[], prefix: PropertyKey[] = []): FieldError[] =>
  issues.flatMap((issue): FieldError[] => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_union') {
      const closest = issue.errors
        .filter((branch) => branch.every((part) => part.path.length > 0 && part.code !== 'unrecognized_keys'))
        .sort((a, b) => a.length - b.length)[0];
      if (closest?.length) return fieldErrorsOf(closest, path);
    }
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: pathText([...path, key]),
        message: 'is not a field of this request',
      }));
    }
    // A key of a record by its own rules, whose sentences say what is wrong with it.
    if (issue.code === 'invalid_key') return fieldErrorsOf(issue.issues, path);
    const message = issue.message === 'Invalid input' ? sentenceOf(issue) : issue.message;
    const code = issue.code === 'custom' ? issue.params?.['code'] : undefined;
    return [{ path: pathText(path), message, ...(isErrorCode(code) ? { code } : {}) }];
  });

const paramsError = (issues: readonly $ZodIssue[]): AppError => {
  const errors = fieldErrorsOf(issues);
  return new AppError(errors.find((error) => error.code)?.code ?? 'invalid_params', { errors });
};

const checkPermission = (action: Action, { caller, address }: Envelope): void => {
  const { permission } = action;
  if (permission === 'anyone') return;
  if (permission === 'services') {
    // A request from outside has an address; a call that a service makes for itself has none.
    if (caller || address !== null) throw new AppError('forbidden');
    return;
  }
  if (!caller) throw new AppError('unauthenticated');
  if (permission !== 'signed-in' && !permission.includes(caller.role)) throw new AppError('forbidden');
};

const keyError = (code: 'idempotency_key_missing' | 'idempotency_key_invalid'): AppError => {
  const { message } = new AppError(code);
  return new AppError(code, { errors: [{ path: 'Idempotency-Key', message, code }] });
};

const checkIdempotencyKey = (action: Action, key: string | null): void => {
  if (action.idempotent !== 'key') return;
  if (key === null || key === '') throw keyError('idempotency_key_missing');
  if (key.length > 255 || !/^[\x21-\x7e]+$/.test(key)) throw keyError('idempotency_key_invalid');
};

const parseParams = (action: Action, schema: $ZodType, given: unknown): unknown => {
  // A raw body is read by its handler, which has to check its signature first.
  const unstorable = action.http?.body === 'raw' ? [] : unstorableFields(given);
  if (unstorable.length > 0) {
    const errors = unstorable.map(({ path, message }) => ({ path: pathText(path), message }));
    throw new AppError('invalid_params', { errors });
  }
  const params = safeParse(schema, given);
  if (!params.success) throw paramsError(params.error.issues);
  return params.data;
};

/** The request that a call is part of. */
const requestOf = ({ requestId, caller, address, userAgent, traceparent }: Envelope): Request => ({
  id: requestId,
  origin: { caller, address, userAgent },
  trace: parseTraceparent(traceparent),
});

const SERVES = { kind: 'server' } as const;

type Run = (ctx: Context<unknown, Record<string, unknown>>) => Promise<unknown>;

/** Reports what is no AppError: a defect. */
const reported = async <T>(action: Action, serve: () => Promise<T>): Promise<T> => {
  try {
    return await serve();
  } catch (error) {
    const [service = ''] = action.name.split('.');
    reportFailure(error, { service, action: action.name });
    throw error;
  }
};

/** Measures each call. */
const observed =
  (action: Action, run: Run): Run =>
  async (ctx) => {
    const startedNs = process.hrtime.bigint();
    let code = 'ok';
    try {
      return await run(ctx);
    } catch (error) {
      code = isAppError(error) ? error.code : 'internal';
      throw error;
    } finally {
      observeAction(action.name, code, Number(process.hrtime.bigint() - startedNs) / 1e9);
    }
  };

/**
 * Turns a contract and its handlers into Moleculer actions. For every call the envelope is verified,
 * permission, deadline and key are checked, and the params are parsed before the handler runs. The result is
 * parsed too, so that no extra column leaves the service or is cached.
 * @param cache keeps answers of actions whose contract allows it; without it every call runs
 * @param recordOf how an administrator's reads by an action are recorded: before the answer, which is
 *   refused when that fails
 * @param oldIds finds things by the ids that they had in POC-2; null where there are none
 */
export const implement = <R, C extends Contract>(
  contract: C,
  handlers: Handlers<R, C>,
  service: R,
  origin: Origin,
  cache?: ActionCache,
  recordOf: (action: Action) => RecordRead | null = () => null,
  oldIds: ReplaceOldId | null = null,
): NonNullable<ServiceSchema['actions']> => {
  const { clock } = origin;

  const runOf = (action: Action, handler: Handler<R, Action>): Run => {
    const key = origin.keys(contract.service);
    const paramsSchema = compiled(action.params);
    const resultSchema = compiled(action.result);
    const record = recordOf(action);
    return async (ctx) => {
      const envelope = open(ctx.meta['call'], action.name, key, ctx.params);
      checkPermission(action, envelope);
      if (clock.nowMs() > envelope.deadlineAtMs && !action.timeless) throw new AppError('timeout');
      checkIdempotencyKey(action, envelope.idempotencyKey);
      const found = oldIds ? await oldIds(action, ctx.params) : ctx.params;
      const params = parseParams(action, paramsSchema, found) as ParsedParamsOf<Action>;
      const { caller, requestId, deadlineAtMs, address, userAgent, idempotencyKey } = envelope;
      // An answer that others get, too, cannot depend on who asks.
      const isForAll = cache !== undefined && action.cache?.keys.includes('caller') === false;
      const asked = { caller: isForAll ? null : caller, address, userAgent };
      const given: Call<Action> = {
        ...asked,
        params,
        requestId,
        idempotencyKey,
        replayed: () => {
          ctx.meta['replayed'] = true;
        },
        call: async (other, otherParams) =>
          (await send(origin, other, otherParams, { ...asked, requestId, deadlineAtMs })).result,
      };
      const answer = async () => {
        const result = await handler(service, given);
        return parseResult(action, resultSchema, result, origin.broker);
      };
      const serve = async () => {
        const result = await (action.cache && cache
          ? cache.around(action, caller, params, answer)
          : answer());
        // What this caller reads next must show what it has just changed.
        await cache?.settled();
        await record?.(params as Record<string, unknown>, envelope);
        return result;
      };
      return inRequest(requestOf(envelope), () => inSpan(action.name, SERVES, () => reported(action, serve)));
    };
  };

  return Object.fromEntries(
    Object.entries(contract.actions).map(([name, action]) => {
      const run = runOf(action, handlers[name] as Handler<R, Action>);
      return [name, { visibility: 'public' as const, handler: observed(action, run) }];
    }),
  );
};
