import { meet, type Fault } from './faults.ts';

const subject = { operation: 'capture', amount: 100, metadata: { payment_id: 'p1' } } as const;

describe('a fault', () => {
  it.each<[string, Fault['matching'], boolean]>([
    ['without conditions', undefined, true],
    ['for this amount', { amount: 100 }, true],
    ['for another amount', { amount: 101 }, false],
    ['for this payment', { metadata: { payment_id: 'p1' } }, true],
    ['for another payment', { metadata: { payment_id: 'p2' } }, false],
    ['for this operation', { operation: 'capture' }, true],
    ['for another operation', { operation: 'create' }, false],
  ])('%s meets as it says', (_name, matching, isMet) => {
    expect(meet([{ slowMs: 1, ...(matching && { matching }) }], subject).slowMs).toBe(isMet ? 1 : undefined);
  });

  it('applies as often as configured', () => {
    const faults: Fault[] = [{ failBefore: '500', times: 2 }];
    const met = [1, 2, 3].map(() => meet(faults, subject).failBefore);
    expect(met).toEqual(['500', '500', undefined]);
  });

  it('combines with others', () => {
    expect(meet([{ slowMs: 5 }, { webhooks: 'twice' }], subject)).toMatchObject({
      slowMs: 5,
      webhooks: 'twice',
    });
  });
});
