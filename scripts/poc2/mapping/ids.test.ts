import fc from 'fast-check';
import { paymentId } from '../../../shared/contracts/ids.ts';
import { idOf } from './ids.ts';

const ID = '00000000-0000-4000-b000-000000000001';
const source = { table: 'payments', id: ID } as const;

it('an id is a valid one of ours, and the same each time', () => {
  const id = idOf('payment', source, Date.UTC(2026, 3, 1));
  expect(paymentId.parse(id)).toBe(id);
  expect(id).toMatch(/^pay_019d465700007[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  expect(idOf('payment', source, Date.UTC(2026, 3, 1))).toBe(id);
});

it('another row, table or part has another id', () => {
  const all = [
    idOf('event', source, 0),
    idOf('event', { ...source, id: 'b' }, 0),
    idOf('event', { ...source, table: 'users' }, 0),
    idOf('event', { ...source, part: 'failed' }, 0),
  ];
  expect(new Set(all).size).toBe(all.length);
});

it('ids sort by the time of their creation', () => {
  const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(time, time, fc.uuid(), fc.uuid(), (one, other, first, second) => {
      if (one === other) return;
      const [a, b] = [
        idOf('user', { table: 'users', id: first }, one),
        idOf('user', { table: 'users', id: second }, other),
      ];
      expect(a < b).toBe(one < other);
    }),
  );
});
