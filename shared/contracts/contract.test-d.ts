import { expectTypeOf } from 'expect-type';
import * as z from 'zod/mini';
import { contract, type ParamsOf, type ParsedParamsOf, type PayloadOf, type ResultOf } from './contract.ts';

const action = {
  summary: 'x',
  permission: 'anyone',
  params: z.strictObject({ ms: z._default(z.int(), 0) }),
  result: z.object({ by: z.string() }),
  errors: ['unavailable'],
  idempotent: 'no',
} as const;
const shop = contract('shop', {
  actions: { open: action },
  events: { sold: { summary: 'x', version: 1, payload: z.object({ thing: z.string() }) } },
});

// The parts keep the types of their schemas; names and time limits are added.
expectTypeOf<keyof typeof shop.actions>().toEqualTypeOf<'open'>();
expectTypeOf(shop.actions.open.name).toEqualTypeOf<string>();
expectTypeOf(shop.actions.open.timeoutMs).toEqualTypeOf<number>();
expectTypeOf<ParamsOf<typeof shop.actions.open>>().toEqualTypeOf<{ ms?: number | undefined }>();
expectTypeOf<ParsedParamsOf<typeof shop.actions.open>>().toEqualTypeOf<{ ms: number }>();
expectTypeOf<ResultOf<typeof shop.actions.open>>().toEqualTypeOf<{ by: string }>();
expectTypeOf<PayloadOf<typeof shop.events.sold>>().toEqualTypeOf<{ thing: string }>();

// @ts-expect-error an action needs a permission
contract('x', { actions: { open: { ...action, permission: undefined } }, events: {} });
// @ts-expect-error an error code must be one of the closed list
contract('x', { actions: { open: { ...action, errors: ['no_such_code'] } }, events: {} });
const cached = { ...action, cache: { keys: [], lifetimeS: 1, clearedBy: [] } };
contract('x', { actions: { open: { ...cached, idempotent: 'read' } }, events: {} });
// @ts-expect-error only a read action can be cached
contract('x', { actions: { open: cached }, events: {} });
