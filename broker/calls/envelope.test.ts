import { createSecretKey } from 'node:crypto';
import { open, seal, type Envelope } from './envelope.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const otherKey = createSecretKey(Buffer.alloc(32, 2));
const envelope: Envelope = {
  to: 'orders.create',
  from: 'gateway',
  caller: null,
  requestId: 'r-1',
  deadlineAtMs: 1,
  idempotencyKey: null,
  address: null,
  userAgent: null,
};
const overTheWire = <T>(value: T) => JSON.parse(JSON.stringify({ value })).value as T;

const params = { amountMinor: 100, payee: { email: 'a@example.com' } };
const sealed = (keys = key) => seal(envelope, () => keys, params);

describe('an envelope', () => {
  it('opens within its process and over the wire', () => {
    expect(open(sealed(), 'orders.create', key, params)).toEqual(envelope);
    expect(open(overTheWire(sealed()), 'orders.create', key, overTheWire(params))).toEqual(envelope);
  });

  it('is not valid for another action', () => {
    expect(() => open(sealed(), 'orders.cancel', key, params)).toThrow(/not allowed/);
  });

  it('is refused with other params than those it was sealed with', () => {
    for (const other of [{ ...params, amountMinor: 1 }, {}, null, undefined, [params]])
      expect(() => open(overTheWire(sealed()), 'orders.create', key, other)).toThrow(/not allowed/);
  });

  it('is refused when another key signed it, a character changed, or it is no envelope at all', () => {
    const wire = overTheWire<unknown>(sealed()) as { text: string; mac: string };
    const forgeries = [
      overTheWire(sealed(otherKey)),
      { ...wire, text: wire.text.replace('gateway', 'gatewax') },
      { ...wire, mac: '' },
      { ...envelope },
      null,
      'x',
    ];
    for (const forgery of forgeries)
      expect(() => open(forgery, 'orders.create', key, params)).toThrow(/not allowed/);
  });
});
