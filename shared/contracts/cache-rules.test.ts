import type * as z from 'zod/mini';
import { CONTRACTS } from './all.ts';
import type { Action } from './contract.ts';

const fieldsOf = (schema: z.ZodMiniType): string[] =>
  Object.keys((schema._zod.def as { shape?: object }).shape ?? {});
const events = new Map(
  CONTRACTS.flatMap((contract) => Object.values(contract.events)).map(({ name, payload }) => [
    name,
    fieldsOf(payload),
  ]),
);
const kept = CONTRACTS.flatMap((contract): readonly Action[] => Object.values(contract.actions)).filter(
  (action) => action.cache,
);

test('kept answers are those of reads, keyed by every param, cleared by events that exist', () => {
  for (const { name, idempotent, params, cache } of kept) {
    expect([name, idempotent]).toEqual([name, 'read']);
    const keys = cache?.keys.filter((key) => key !== 'caller').sort();
    expect([name, keys]).toEqual([name, fieldsOf(params).sort()]);
    expect(fieldsOf(params)).not.toContain('caller');
    expect(cache?.clearedBy).not.toHaveLength(0);
    expect(cache?.lifetimeS).toBeGreaterThan(0);
    for (const cleared of cache?.clearedBy ?? []) {
      const { event, callers } = typeof cleared === 'string' ? { event: cleared, callers: [] } : cleared;
      const fields = events.get(event);
      expect([name, event, fields === undefined]).toEqual([name, event, false]);
      expect([name, event, callers.filter((field) => !fields?.includes(field))]).toEqual([name, event, []]);
    }
  }
});

test('only an answer that is kept per caller is invalidated per caller', () => {
  for (const { name, cache } of kept) {
    if (!cache?.clearedBy.some((cleared) => typeof cleared !== 'string')) continue;
    expect([name, cache.keys.includes('caller')]).toEqual([name, true]);
  }
});
