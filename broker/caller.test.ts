import { createSecretKey } from 'node:crypto';
import { open, seal, type Envelope } from './caller.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const other = createSecretKey(Buffer.alloc(32, 2));
const envelope: Envelope = {
  to: 'payments.create',
  from: 'gateway',
  caller: null,
  requestId: 'r-1',
  deadlineAtMs: 1,
  idempotencyKey: null,
  address: null,
  userAgent: null,
};
const overTheWire = (sealed: object) => JSON.parse(JSON.stringify({ call: sealed })).call as unknown;

describe('an envelope', () => {
  it('opens within its process and over the wire', () => {
    const sealed = seal(envelope, () => key);
    expect(open(sealed, 'payments.create', key)).toEqual(envelope);
    expect(open(overTheWire(sealed), 'payments.create', key)).toEqual(envelope);
  });

  it('opens no other action', () => {
    expect(() =>
      open(
        seal(envelope, () => key),
        'payments.cancel',
        key,
      ),
    ).toThrow(/not allowed/);
  });

  it('is refused when another key signed it, a letter changed, or it is no envelope at all', () => {
    const sealed = overTheWire(seal(envelope, () => key)) as { text: string; mac: string };
    const forgeries = [
      overTheWire(seal(envelope, () => other)),
      { ...sealed, text: sealed.text.replace('gateway', 'gatewax') },
      { ...sealed, mac: '' },
      { ...envelope },
      null,
      'x',
    ];
    for (const forgery of forgeries)
      expect(() => open(forgery, 'payments.create', key)).toThrow(/not allowed/);
  });
});
