import { divide, HOLD_MS, type Waiting } from './due.ts';

const NOW_MS = 1_000_000;
let seq = 0;
const waiting = (entity: string, version: number | null, over: Partial<Waiting> = {}): Waiting => ({
  seq: ++seq,
  id: `evt_${seq}`,
  kind: 'paymentUpdated',
  entity,
  version,
  messages: [],
  arrivedAtMs: NOW_MS,
  sent: null,
  ...over,
});
const names = (all: readonly Waiting[]) => all.map(({ entity, version }) => `${entity}${version ?? ''}`);
const divided = (...all: Waiting[]) => {
  const { sent, late, held } = divide(all, NOW_MS);
  return { sent: names(sent), late: names(late), held: names(held) };
};

it.each([
  ['versions in order go at once', [waiting('a', 1), waiting('a', 2)], ['a1', 'a2'], [], []],
  ['versions out of order are put in order', [waiting('a', 2), waiting('a', 1)], ['a1', 'a2'], [], []],
  ['a gap holds what follows', [waiting('a', 1), waiting('a', 3)], ['a1'], [], ['a3']],
  ['the version after the one that was sent goes', [waiting('a', 3, { sent: 2 })], ['a3'], [], []],
  ['an older one than was sent is late', [waiting('a', 2, { sent: 2 })], [], ['a2'], []],
  [
    'a gap that lasted too long is passed over',
    [waiting('a', 5, { arrivedAtMs: NOW_MS - HOLD_MS })],
    ['a5'],
    [],
    [],
  ],
  [
    'entities do not wait for each other, and keep their places',
    [waiting('b', 2), waiting('a', 1), waiting('b', 1), waiting('c', null)],
    ['b1', 'a1', 'b2', 'c'],
    [],
    [],
  ],
])('%s', (_name, all, sent, late, held) => {
  expect(divided(...all)).toEqual({ sent, late, held });
});
