import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import { onSignal, senderOfSignal, signalEvents } from './signals.ts';

const shop = contract('shop', {
  actions: {},
  events: {},
  signals: {
    shopClosed: { summary: 'A shop has closed', payload: z.object({ ids: z.array(z.string()) }) },
  },
});
const { shopClosed } = shop.signals;

describe('a signal', () => {
  const received: unknown[] = [];
  const logged: unknown[] = [];
  const log = {
    warn: (...entry: unknown[]) => void logged.push(entry),
    error: (...entry: unknown[]) => void logged.push(entry),
  };
  const handler = onSignal(shopClosed, (_service: null, { ids }) => {
    if (ids.includes('broken')) throw new Error('cannot close');
    received.push(ids);
  });
  const events = signalEvents([handler], null, log as never);
  const send = (params: unknown) =>
    events['signal.shop.shop-closed']?.handler({ params, nodeID: 'shop-1-0' });
  beforeEach(() => {
    received.length = 0;
    logged.length = 0;
  });

  it('reaches its handler', () => {
    send({ ids: ['a'], other: 1 });
    expect(received).toEqual([['a']]);
    expect(logged).toEqual([]);
  });

  it.each([
    ['no payload', undefined],
    ['null', null],
    ['text', 'ids'],
    ['another shape', { ids: 'a' }],
    ['a wrong element', { ids: ['a', 1] }],
  ])('with %s is logged and dropped', (_case, params) => {
    expect(() => send(params)).not.toThrow();
    expect(received).toEqual([]);
    expect(logged).toEqual([[expect.objectContaining({ sender: 'shop-1-0' }), 'malformed signal']]);
  });

  it('whose handler throws is logged', () => {
    expect(() => send({ ids: ['broken'] })).not.toThrow();
    expect(logged).toEqual([
      [expect.objectContaining({ signal: shopClosed.name }), 'signal was not handled'],
    ]);
  });
});

it.each([
  ['signal.auth.revoked', 'auth'],
  ['signal.processor-sandbox.changed', 'processor-sandbox'],
  ['signal.', null],
  ['signal.auth', null],
  ['$node.disconnected', null],
  ['cache.clean.auth', null],
  [undefined, null],
  [7, null],
])('the event %s is a signal of %s', (event, service) => {
  expect(senderOfSignal(event)).toBe(service);
});
