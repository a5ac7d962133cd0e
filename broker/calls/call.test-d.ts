import { expectTypeOf } from 'expect-type';
import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import type { Service } from '../process/service.ts';
import { send, type Answer, type CallOptions, type Origin } from './call.ts';

const { echo } = contract('shop', {
  actions: {
    echo: {
      summary: 'x',
      permission: 'anyone',
      params: z.strictObject({ text: z.string() }),
      result: z.object({ text: z.string(), times: z.int() }),
      errors: [],
      idempotent: 'read',
    },
  },
  events: {},
}).actions;
type Result = { text: string; times: number };

declare const origin: Origin;
declare const options: CallOptions;
declare const service: Service;

/** Checked by the compiler, never run. */
export const typesOfCalls = () => {
  expectTypeOf(send(origin, echo, { text: 'x' }, options)).resolves.toEqualTypeOf<Answer<Result>>();
  expectTypeOf(service.call(echo, { text: 'x' })).resolves.toEqualTypeOf<Result>();
  // @ts-expect-error a param is missing
  void send(origin, echo, {}, options);
  // @ts-expect-error a param has the wrong type
  void send(origin, echo, { text: 1 }, options);
  // @ts-expect-error a param is unknown
  void send(origin, echo, { text: 'x', more: 1 }, options);
  // @ts-expect-error a call of the service has the same params
  void service.call(echo, { text: 'x', more: 1 });
  // @ts-expect-error a call on behalf of a request needs its caller and its id
  void send(origin, echo, { text: 'x' }, {});
};
