import { expectTypeOf } from 'expect-type';
import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import type { Caller } from './envelope.ts';
import type { Origin } from './call.ts';
import { implement, type Call, type Handler, type Handlers } from './implement.ts';

const shop = contract('shop', {
  actions: {
    wait: {
      summary: 'x',
      permission: 'anyone',
      params: z.strictObject({ ms: z._default(z.int(), 0) }),
      result: z.object({ by: z.string() }),
      errors: [],
      idempotent: 'no',
    },
  },
  events: {},
});
type Wait = typeof shop.actions.wait;
type Shop = { nodeId: string };

// A handler receives parsed params: defaults are filled in.
expectTypeOf<Call<Wait>['params']>().toEqualTypeOf<{ ms: number }>();
expectTypeOf<Call<Wait>['caller']>().toEqualTypeOf<Caller | null>();
expectTypeOf<ReturnType<Handler<Shop, Wait>>>().toEqualTypeOf<Promise<{ by: string }>>();
expectTypeOf<keyof Handlers<Shop, typeof shop>>().toEqualTypeOf<'wait'>();

declare const origin: Origin;
const by = { nodeId: 'x' };

/** Checked by the compiler, never run. */
export const typesOfHandlers = () => {
  implement(shop, { wait: async ({ nodeId }) => ({ by: nodeId }) }, by, origin);
  // @ts-expect-error a handler is missing
  implement(shop, {}, by, origin);
  // @ts-expect-error a result has the wrong type
  implement(shop, { wait: async () => ({ by: 1 }) }, by, origin);
  // @ts-expect-error a handler for an action that the contract does not have
  implement(shop, { wait: async () => ({ by: 'x' }), other: async () => ({}) }, by, origin);
};
