import fc from 'fast-check';
import { newId } from '../../../broker/process/ids.ts';
import { ID_PREFIXES, paymentId, type IdKind } from '../../../shared/contracts/ids.ts';
import { idOf, uuidIn } from './ids.ts';

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

const TABLES = { user: 'users', payment: 'payments', event: 'audit_logs' } as const;
const KINDS = Object.keys(TABLES) as (keyof typeof TABLES)[];

it('an id of ours that went back to POC-2 as a UUID is itself again', () => {
  const ms = fc.integer({ min: 0, max: 253_402_300_799_999 });
  fc.assert(
    fc.property(fc.constantFrom(...KINDS), ms, fc.integer({ min: 0, max: 1_000 }), (kind, made, later) => {
      const id = newId(kind, made);
      expect(idOf(kind, { table: TABLES[kind], id: uuidIn(id) }, made + later)).toBe(id);
    }),
  );
});

it('any other id of the source never keeps its value, nor does what is made of a part of a row', () => {
  const ms = fc.integer({ min: 0, max: 253_402_300_799_999 });
  const other = fc.oneof(fc.uuid({ version: [1, 2, 3, 4, 5, 6, 8] }), fc.uuid({ version: 7 }), fc.string());
  const kept = (kind: IdKind, old: string) => `${ID_PREFIXES[kind]}_${old.replaceAll('-', '')}`;
  fc.assert(
    fc.property(other, ms, (old, made) => {
      fc.pre(!(Math.abs(Number.parseInt(old.replaceAll('-', '').slice(0, 12), 16) - made) <= 1_000));
      expect(idOf('user', { table: 'users', id: old }, made)).not.toBe(kept('user', old));
    }),
  );
  const id = newId('payment', 1_000_000);
  const parts = { table: 'payments', id: uuidIn(id), part: 'failed' } as const;
  expect(idOf('event', parts, 1_000_000)).not.toBe(kept('event', uuidIn(id)));
});
