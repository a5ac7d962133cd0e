import { ServiceBroker } from 'moleculer';
import { pino } from 'pino';
import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import type { SessionId, UserId } from '../../shared/contracts/ids.ts';
import { send, type Origin } from '../calls/call.ts';
import type { Caller } from '../calls/envelope.ts';
import { systemClock } from '../process/clock.ts';
import { subscribe } from '../events/inbox.ts';
import { implement } from '../calls/implement.ts';
import { defineService } from '../process/service.ts';
import { openCaches } from './open-caches.ts';
import type { CacheOutcome } from './action-cache.ts';

const shop = contract('shop', {
  actions: {
    prices: {
      summary: 'x',
      permission: ['CUSTOMER'],
      params: z.strictObject({ q: z.string().check(z.trim()) }),
      result: z.object({ amounts: z.array(z.int()) }),
      errors: [],
      idempotent: 'read',
      cache: { keys: ['q'], lifetimeS: 60, clearedBy: ['shop.price-changed'] },
    },
  },
  events: { priceChanged: { summary: 'x', version: 1, payload: z.object({}) } },
});
const bare = contract('bare', { actions: {}, events: {} });

let runs = 0;
let askedBy: unknown;
const prices = async (_service: unknown, { caller }: { caller: Caller | null }) => {
  runs += 1;
  askedBy = caller;
  return { amounts: [runs], secret: 'never returned, never cached' };
};
const service = defineService({
  contract: shop,
  config: z.object({}),
  actions: { prices },
  subscribers: [subscribe(shop.events.priceChanged, async () => undefined)],
});
const log = pino({ level: 'silent' });
const events = { isOpen: () => true, onOpen: () => undefined };

test('a cached answer is returned only after permission and params were checked', async () => {
  const outcomes: [string, CacheOutcome][] = [];
  const count = (action: string, outcome: CacheOutcome) => void outcomes.push([action, outcome]);
  const caches = await openCaches([service], {}, { name: 'test', log, events, count });
  const broker = new ServiceBroker({ logger: false, ...caches.broker });
  const origin = {
    broker,
    clock: systemClock,
    keys: () => undefined as never,
    service: 'shop',
  } as unknown as Origin;
  const cache = caches.of(service, broker);
  broker.createService({ name: 'shop', actions: implement(shop, { prices }, {}, origin, cache) });
  await broker.start();
  const callerOf = (role: Caller['role']): Caller => ({
    userId: 'usr_1' as UserId,
    sessionId: 'ses_1' as SessionId,
    role,
  });
  const ask = async (params: { q: string }, role: Caller['role'] = 'CUSTOMER') =>
    (await send(origin, shop.actions.prices, params, { caller: callerOf(role), requestId: 'r' })).result;
  try {
    expect([await ask({ q: 'a' }), await ask({ q: ' a ' })]).toEqual([{ amounts: [1] }, { amounts: [1] }]);
    await expect(ask({ q: 'a' }, 'VENDOR')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(ask({ q: 'a', more: 1 } as never)).rejects.toMatchObject({ code: 'invalid_params' });
    await cache?.invalidate([{ event: 'shop.price-changed' }]);
    expect(await ask({ q: 'a' })).toEqual({ amounts: [2] });
    // An answer that all callers get is computed without knowing who asks.
    expect(askedBy).toBeNull();
    expect(outcomes.map(([, outcome]) => outcome)).toEqual(['miss', 'hit', 'miss']);
  } finally {
    await broker.stop();
    caches.close();
  }
});

test('a process whose contracts cache nothing opens no store', async () => {
  const plain = defineService({ contract: bare, config: z.object({}), actions: {} });
  const caches = await openCaches(
    [plain],
    { REDIS_URL: 'redis://127.0.0.1:1' },
    { name: 'test', log, events },
  );
  expect(caches.broker).toEqual({});
  expect(caches.of(plain, undefined as never)).toBeUndefined();
});
