import type { EntryRow } from '../persistence/entries.ts';
import { entryHashOf } from './chain.ts';

const entry: EntryRow = {
  id: 'evt_01',
  at: new Date('2026-11-23T09:30:00.000Z'),
  action: 'auth.user-suspended',
  actor_id: null,
  actor_role: null,
  actor_name: 'Ada',
  actor_email: null,
  person_id: null,
  person_name: null,
  person_email: null,
  target_type: 'user',
  target_id: 'usr_01',
  people: [],
  address: '192.0.2.7',
  device: null,
  session_id: null,
  request_id: 'req-1',
  reason: 'Asked',
  before: null,
  after: '{"a":1}',
  trace_id: null,
};
const hexOf = (row: EntryRow): string => entryHashOf(row).toString('hex');

it('the hash of an entry from before there were traces stays the same', () => {
  expect(hexOf(entry)).toBe('47ff2cb00e2398f5183dfcc143286b1042217e0db946776f45562e731cd607b7');
});

it('a trace is part of the hash', () => {
  const traced = hexOf({ ...entry, trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' });
  expect(new Set([hexOf(entry), traced, hexOf({ ...entry, trace_id: '' })]).size).toBe(3);
});
