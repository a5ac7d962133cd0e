import type { AuditEntry } from '../../../../../shared/contracts/admin/audit.ts';
import { arrivalsText, newsAmong } from './arrivals.ts';

const entry = (id: string, action = 'auth.user-suspended', actorId = 'usr_a') =>
  ({ id, action, actor: { id: actorId } }) as unknown as AuditEntry;

it('counts what came after the known one, and not that the reader reads the log', () => {
  const entries = [
    entry('evt_5', 'admin.administrator-read'),
    entry('evt_4', 'admin.administrator-read', 'usr_b'),
    entry('evt_3'),
    entry('evt_2'),
  ];
  expect(newsAmong(entries, 'evt_2', 'usr_a').map(({ id }) => id)).toEqual(['evt_4', 'evt_3']);
  expect(newsAmong(entries.slice(2), '', 'usr_a')).toHaveLength(2);
});

it.each([
  [0, ''],
  [1, '1 new entry'],
  [3, '3 new entries'],
  [100, '100 or more new entries'],
])('says of %i: %j', (count, text) => {
  expect(arrivalsText(count, 100)).toBe(text);
});
