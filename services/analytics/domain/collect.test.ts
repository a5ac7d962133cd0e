import { FIGURE_KINDS, type Sample } from '../../../shared/contracts/analytics.ts';
import { collectFigures } from './collect.ts';
import { countOf } from './histogram.ts';
import { figureOf } from './kinds.ts';

const DAY = '2026-11-30';
const collect = (samples: readonly Sample[]) => {
  const collected = collectFigures();
  for (const sample of samples) collected.add(DAY, figureOf(sample), sample.value);
  return collected;
};
const hex = (number: number): string => number.toString(16).padStart(12, '0');

it('text that is in no list is kept as `other`, whatever it is', () => {
  const samples = ['/settings/ada@example.com', '__proto__', 'constructor', '/payments/pay_1'].flatMap((of) =>
    FIGURE_KINDS.map((kind) => ({ kind, of, value: 1, detail: of })),
  );
  const rows = collect(samples).take();
  expect(new Set(rows.map(({ subject }) => subject))).toEqual(new Set(['other']));
  expect(new Set(rows.map(({ detail }) => detail))).toEqual(new Set(['', 'other']));
  expect(rows.reduce((sum, row) => sum + countOf(row), 0)).toBe(samples.length);
});

it.each([
  [{ kind: 'lcp', of: '/payments/:id', value: 1, detail: 'x' }, '/payments/:id', ''],
  [{ kind: 'call', of: 'payments.create', value: 1, detail: 'ok' }, 'payments.create', 'ok'],
  [{ kind: 'call', of: 'auth.userCopies', value: 1, detail: 'ok' }, 'other', 'ok'],
  [{ kind: 'call', of: 'payments.create', value: 1, detail: '418' }, 'payments.create', 'other'],
  [{ kind: 'remote', of: 'payments', value: 1, detail: 'ab12ab12ab12' }, 'payments', 'ab12ab12ab12'],
  [{ kind: 'remote', of: 'payments', value: 1, detail: 'ab12ab12ab1Z' }, 'payments', 'other'],
  [{ kind: 'file', of: 'shell', value: 1, detail: 'cached' }, 'shell', 'cached'],
  [{ kind: 'connect', of: 'all', value: 1 }, 'all', ''],
] as const)('%j is of %s, %s', (sample, subject, detail) =>
  expect(figureOf(sample)).toEqual({ kind: sample.kind, subject, detail }),
);

it('made-up versions take twenty rows of a micro-frontend at most', () => {
  const samples = Array.from({ length: 5_000 }, (_, index) => ({
    kind: 'remote' as const,
    of: 'payments',
    value: 1,
    detail: hex(index),
  }));
  const rows = collect(samples).take();
  expect(rows).toHaveLength(21);
  expect(countOf(rows.find(({ detail }) => detail === 'other')!)).toBe(4_980);
});

it('what could not be written is added to what has come meanwhile', () => {
  const collected = collect([{ kind: 'lcp', of: '/payments', value: 100 }]);
  const unwritten = collected.take();
  expect(collected.take()).toEqual([]);
  collected.add(DAY, { kind: 'lcp', subject: '/payments', detail: '' }, 300);
  collected.putBack(unwritten);
  const [row] = collected.take();
  expect(row).toMatchObject({ total: 400 });
  expect(countOf(row!)).toBe(2);
});
